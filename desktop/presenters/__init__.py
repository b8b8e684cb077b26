"""What joins several rooms for app.py: it takes in what they tell and says it to others."""
