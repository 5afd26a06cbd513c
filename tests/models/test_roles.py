"""Which model has which role: a mapping, however many roles there are."""

from __future__ import annotations

import copy
import pickle

import pytest

from lab.errors import MisuseError
from lab.models.endpoint import Endpoint
from lab.models.roles import ROLES, Ceiling, Limits, ModelConfig, Models, Sampling

LLAMA = "llama3.2@http://localhost:11434/v1"
BUSY = ModelConfig(Endpoint.of(LLAMA), Sampling(0.5, 90), Limits(concurrency=2))


def test_a_role_that_is_not_given_is_played_by_the_practice_model() -> None:
    assert {role: config.spec for role, config in Models().items()} == {
        "optimizer": "practice",
        "target": "practice",
    }
    assert Models(target=LLAMA)["optimizer"] == ModelConfig(Endpoint.of("practice"))


def test_a_role_that_there_is_not_is_refused_in_a_sentence() -> None:
    with pytest.raises(MisuseError, match=r"no role “critic”\. The roles are: optimizer, target, judge\."):
        Models(critic=LLAMA)


def test_a_judge_is_there_where_it_is_given_and_is_part_of_what_a_score_is_called() -> None:
    two, three = Models(target=LLAMA), Models(target=LLAMA, judge="practice-hasty")
    assert (tuple(two), tuple(three)) == (("optimizer", "target"), ROLES)
    assert three.answering == f"{two.answering} judged by practice-hasty"
    assert Models.of_json(three.json) == three
    assert "judge" not in Models.of_json(two.json)
    assert three.using("target", "practice")["judge"].spec == "practice-hasty"
    assert three.without_judge() == two
    with pytest.raises(MisuseError, match="neither can be a person"):
        Models(judge="by-hand")


def test_a_model_that_is_only_named_takes_over_how_the_old_one_was_asked() -> None:
    models = Models(target=BUSY, ceiling=Ceiling(calls=7))
    other = models.using("target", "practice")
    assert other["target"] == ModelConfig(Endpoint.of("practice"), BUSY.sampling, BUSY.limits)
    assert (other["optimizer"], other.ceiling) == (models["optimizer"], models.ceiling)
    assert models.using("optimizer", BUSY)["optimizer"] == BUSY


@pytest.mark.parametrize("models", [Models(), Models.single(BUSY), Models(target=BUSY, ceiling=Ceiling(1, 2, 0.5))])
def test_models_are_values_that_are_stored_and_copied_without_loss(models: Models) -> None:
    for same in (Models.of_json(models.json), copy.deepcopy(models), pickle.loads(pickle.dumps(models))):
        assert same == models
        assert hash(same) == hash(models)


def test_scores_are_compared_under_the_name_of_the_target_and_how_it_is_asked() -> None:
    assert Models(optimizer=BUSY).answering == "practice"
    assert Models(target=BUSY).answering == f"{LLAMA} temperature=0.5 max_tokens=90"
