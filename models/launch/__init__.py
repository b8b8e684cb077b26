"""Starting llama.cpp without dying of it."""
