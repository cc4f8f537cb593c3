"""Who answers for a case, who fills its slots, and what it holds about the client's world."""
