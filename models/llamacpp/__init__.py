"""Runs models with llama.cpp: the only room that imports llama_cpp."""
