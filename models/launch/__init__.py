"""Starts llama.cpp in child processes, checks files and backends first, and recovers when a child dies."""
