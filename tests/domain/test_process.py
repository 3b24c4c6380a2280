"""The record of a process: one step at a time, undone in reverse, and never lost when stuck."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orderlog.domain.processes.commands import (
    CompensateStep,
    CompleteProcess,
    FailStep,
    Intervene,
    MarkStuck,
    RetryStep,
    StartCompensation,
    StartProcess,
    SucceedStep,
    placement_stream,
)
from orderlog.domain.processes.events import (
    CompensationStarted,
    InterventionAction,
    InterventionApplied,
    ProcessCompleted,
    ProcessKind,
    ProcessOutcome,
    ProcessStarted,
    ProcessStatus,
    ProcessStuck,
    StepCompensated,
    StepFailed,
    StepRequested,
    StepSucceeded,
)
from orderlog.domain.processes.process import Process, step_command_id
from orderlog.domain.rejections import ErrorCode
from tests.domain.examples import ORDER
from tests.support.scenario import NOW, Scenario, given, happened

ID = placement_stream(ORDER)
START = StartProcess(
    process_id=ID, kind=ProcessKind.PLACEMENT, order_id=ORDER, first_step="reserve"
)
RESERVED = SucceedStep(process_id=ID, step="reserve", next_step="authorize")
AUTHORIZED = SucceedStep(process_id=ID, step="authorize", next_step="confirm")
CONFIRMED = SucceedStep(process_id=ID, step="confirm", next_step=None)
DECLINED = FailStep(process_id=ID, step="authorize", code="PAYMENT_DECLINED", retryable=False)
TIMED_OUT = FailStep(
    process_id=ID,
    step="authorize",
    code="CONTENTION",
    retryable=True,
    retry_at=NOW + timedelta(minutes=1),
)
RETRY = RetryStep(process_id=ID, step="authorize")
GIVE_UP = StartCompensation(process_id=ID, reason="PAYMENT_DECLINED")
STUCK = MarkStuck(process_id=ID, step="authorize", code="CONTENTION")
AT_AUTHORIZE = (START, RESERVED)
AT_CONFIRM = (START, RESERVED, AUTHORIZED)
STUCK_AT_AUTHORIZE = (*AT_AUTHORIZE, TIMED_OUT, STUCK)


def undone(step: str) -> CompensateStep:
    return CompensateStep(process_id=ID, step=step)


def intervene(action: InterventionAction) -> Intervene:
    return Intervene(process_id=ID, action=action, note="Looked at it.")


def status(process: Scenario) -> ProcessStatus:
    return process.state(Process).status


def test_a_process_starts_with_its_first_step() -> None:
    process = given().when(START)
    process.then(
        happened(ProcessStarted, kind=ProcessKind.PLACEMENT, order_id=ORDER),
        happened(StepRequested, step="reserve", attempt=1),
    )
    process.when(START).then_nothing()


def test_a_process_that_never_started_is_not_found() -> None:
    given().when(RESERVED).then_rejected(ErrorCode.PROCESS_NOT_FOUND)


def test_one_step_leads_to_the_next_until_the_end() -> None:
    process = given(START).when(RESERVED)
    process.then(StepSucceeded, happened(StepRequested, step="authorize", attempt=1))
    process.when(AUTHORIZED).then(StepSucceeded, StepRequested)
    process.when(CONFIRMED).then(
        StepSucceeded, happened(ProcessCompleted, outcome=ProcessOutcome.SUCCEEDED)
    )
    assert process.state(Process).done == ("reserve", "authorize", "confirm")


def test_an_old_or_repeated_success_is_no_news() -> None:
    process = given(*AT_CONFIRM)
    process.when(RESERVED).then_nothing()
    process.when(AUTHORIZED).then_nothing()
    process.when(CONFIRMED)
    process.when(CONFIRMED).then_nothing()


def test_a_failed_step_is_retried_under_a_new_command_id() -> None:
    process = given(*AT_AUTHORIZE).when(TIMED_OUT)
    process.then(happened(StepFailed, attempt=1, retry_at=TIMED_OUT.retry_at))
    assert process.state(Process).retry_at == TIMED_OUT.retry_at
    process.when(TIMED_OUT).then_nothing()
    process.when(RETRY).then(
        happened(
            StepRequested,
            step="authorize",
            attempt=2,
            command_id=step_command_id(ID, "authorize", 2),
        )
    )
    process.when(RETRY).then_nothing()
    assert process.state(Process).retry_at is None


def test_a_failure_of_another_step_is_no_news() -> None:
    given(*AT_CONFIRM).when(DECLINED).then_nothing()
    given(*AT_CONFIRM).when(RETRY).then_nothing()


def test_a_late_success_of_a_failed_attempt_still_counts() -> None:
    given(*AT_AUTHORIZE, TIMED_OUT).when(AUTHORIZED).then(StepSucceeded, StepRequested)


def test_only_what_was_done_is_undone_and_in_reverse() -> None:
    process = given(*AT_CONFIRM).when(GIVE_UP).then(CompensationStarted)
    assert process.state(Process).to_compensate == ("authorize", "reserve")
    process.when(undone("reserve")).then_rejected(ErrorCode.INVALID_STATE, status="COMPENSATING")
    process.when(undone("authorize")).then(StepCompensated)
    process.when(undone("authorize")).then_nothing()
    process.when(undone("reserve")).then(
        StepCompensated, happened(ProcessCompleted, outcome=ProcessOutcome.COMPENSATED)
    )
    process.when(undone("reserve")).then_nothing()


def test_where_nothing_was_done_there_is_nothing_to_undo() -> None:
    given(START).when(GIVE_UP).then(
        CompensationStarted, happened(ProcessCompleted, outcome=ProcessOutcome.COMPENSATED)
    )


def test_compensation_starts_once_and_stops_the_way_forward() -> None:
    process = given(*AT_AUTHORIZE, DECLINED, GIVE_UP)
    process.when(GIVE_UP).then_nothing()
    process.when(AUTHORIZED).then_nothing()
    process.when(RETRY).then_nothing()


def test_undoing_can_fail_and_be_tried_again_under_yet_another_id() -> None:
    process = given(*AT_CONFIRM, GIVE_UP).when(TIMED_OUT).then(happened(StepFailed, attempt=1))
    process.when(RETRY).then(happened(StepRequested, step="authorize", attempt=2))
    process.when(undone("authorize")).then(StepCompensated)


def test_nothing_is_undone_before_compensation_has_started() -> None:
    given(*AT_AUTHORIZE).when(undone("reserve")).then_rejected(
        ErrorCode.INVALID_STATE, status="RUNNING", allowed=["COMPENSATING"]
    )


def test_a_process_that_is_stuck_says_where_and_why() -> None:
    process = given(*AT_AUTHORIZE, TIMED_OUT, RETRY).when(STUCK)
    process.then(happened(ProcessStuck, step="authorize", code="CONTENTION", attempts=2))
    assert status(process) is ProcessStatus.STUCK
    process.when(STUCK).then_nothing()
    process.when(TIMED_OUT).then_nothing()
    process.when(GIVE_UP).then_rejected(ErrorCode.INVALID_STATE, status="STUCK")


def test_a_process_is_stuck_only_where_it_is() -> None:
    given(*AT_CONFIRM).when(STUCK).then_rejected(ErrorCode.INVALID_STATE)


def test_a_late_success_frees_a_stuck_process() -> None:
    process = given(*STUCK_AT_AUTHORIZE).when(AUTHORIZED).then(StepSucceeded, StepRequested)
    assert status(process) is ProcessStatus.RUNNING


def test_an_operator_lets_a_step_be_tried_again() -> None:
    process = given(*STUCK_AT_AUTHORIZE).when(intervene(InterventionAction.RETRY))
    process.then(InterventionApplied, happened(StepRequested, step="authorize", attempt=2))
    assert status(process) is ProcessStatus.RUNNING


def test_an_operator_has_a_process_undone() -> None:
    process = given(*STUCK_AT_AUTHORIZE).when(intervene(InterventionAction.COMPENSATE))
    process.then(InterventionApplied, CompensationStarted)
    assert process.state(Process).to_compensate == ("reserve",)


@pytest.mark.parametrize("action", [InterventionAction.SKIP, InterventionAction.FORCE])
def test_an_operator_leaves_a_step_to_the_story(action: InterventionAction) -> None:
    process = given(*STUCK_AT_AUTHORIZE).when(intervene(action)).then(InterventionApplied)
    process.when(AUTHORIZED).then(StepSucceeded, happened(StepRequested, step="confirm"))


@pytest.mark.parametrize("action", InterventionAction)
def test_undoing_goes_on_after_an_intervention(action: InterventionAction) -> None:
    process = given(*AT_CONFIRM, GIVE_UP, STUCK).when(intervene(action))
    assert status(process) is ProcessStatus.COMPENSATING
    process.when(undone("authorize")).then(StepCompensated)


def test_an_operator_says_why_and_only_to_a_stuck_process() -> None:
    retry = intervene(InterventionAction.RETRY)
    given(*STUCK_AT_AUTHORIZE).when(replace(retry, note="")).then_rejected(ErrorCode.NOTE_REQUIRED)
    given(*AT_AUTHORIZE).when(retry).then_rejected(
        ErrorCode.INVALID_STATE, status="RUNNING", allowed=["STUCK"]
    )


def test_a_story_may_end_its_process_itself() -> None:
    end = CompleteProcess(process_id=ID, outcome=ProcessOutcome.SUCCEEDED)
    process = given(*AT_AUTHORIZE).when(end).then(ProcessCompleted)
    process.when(end).then_nothing()
    process.when(AUTHORIZED).then_nothing()
    process.when(STUCK).then_rejected(ErrorCode.INVALID_STATE, status="COMPLETED")
