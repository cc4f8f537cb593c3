"""How a notice leaves: by webhook or mail, to an address that the door gives at that moment. A shell: it does, it does
not decide."""
