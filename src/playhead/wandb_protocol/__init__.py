"""What W&B's client speaks, translated onto services: GraphQL, its file stream, its uploads. No rule of the domain lives here."""
