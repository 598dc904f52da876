"""How fast Paraph is, always beside others in the same run: see README.md in this folder."""
