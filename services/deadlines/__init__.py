"""The watchman: who owes whom an answer by when, and who is asked when it does not come. Pure, and knows no subject."""
