"""The models a person can open. (So far: the starter.)"""
