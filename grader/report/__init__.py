"""The reports: one grade, shown in the formats its readers need."""
