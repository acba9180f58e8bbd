"""The rules, one file each: from a policy and the facts to a finding or none."""
