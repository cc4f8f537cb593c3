"""The proof: real workers under real faults, judged by an independent recomputation from the input (docs/PROOF.md)."""
