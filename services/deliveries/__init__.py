"""What leaves for a party: names that only that party can join, and nothing that is not on the list."""
