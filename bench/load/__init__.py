"""Load generators: wrk with Lua for single calls, a Python process of ours for what takes several steps."""
