"""What the models say together: candidates, features, ranking, evidence, evaluation."""
