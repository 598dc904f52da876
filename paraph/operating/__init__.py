"""Running a server: what is stuck and why, what is measured, whether it is ready, and the operator's pages."""
