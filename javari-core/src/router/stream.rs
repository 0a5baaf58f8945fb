//! The answer of a request, whoever gives it.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures::{Stream, future::BoxFuture};
use tokio::time::{Sleep, sleep_until};

use super::{
    driver::{Answering, Driver},
    health::Attempt,
};
use crate::{
    error::{Error, ErrorKind, Result, Retry},
    provider::{ChatEvent, ChatStream},
};

/// Passes an answer on, settles its attempt, and begins another one where the request allows it.
pub(super) struct RoutedStream {
    /// Nothing while another answer is sought.
    driver: Option<Box<Driver>>,
    held: VecDeque<ChatEvent>,
    state: State,
    /// Ends the answer, whoever gives it.
    deadline: Option<Pin<Box<Sleep>>>,
}

enum State {
    Answering { attempt: Option<Attempt>, rest: ChatStream },
    Seeking(BoxFuture<'static, (Box<Driver>, Result<Answering>)>),
    Ended,
}

impl RoutedStream {
    pub(super) fn new(driver: Box<Driver>, answering: Answering) -> Self {
        let Answering { attempt, held, rest } = answering;
        let state = State::Answering { attempt: Some(attempt), rest };
        let deadline = driver.deadline().map(|deadline| Box::pin(sleep_until(deadline)));
        let mut stream = Self { driver: Some(driver), held, state, deadline };
        stream.look_for_the_end();
        stream
    }

    /// An answer of one piece may have ended in what was held.
    fn look_for_the_end(&mut self) {
        if let Some(event @ ChatEvent::Finished { .. }) = self.held.back_mut() {
            tell_failed(event, self.driver.as_deref_mut());
            self.ended_well();
        }
    }

    fn ended_well(&mut self) {
        if let State::Answering { attempt: Some(attempt), .. } =
            std::mem::replace(&mut self.state, State::Ended)
        {
            attempt.settle(false);
        }
    }
}

impl RoutedStream {
    /// The answer broke off: it is an error, or another one is begun.
    fn broke_off(&mut self, attempt: Option<Attempt>, error: Error) -> Result<ChatEvent> {
        let own_limit = self.driver.as_ref().is_some_and(|driver| driver.is_own_limit(&error));
        if let Some(attempt) = attempt {
            attempt.settle_by(&error, own_limit);
        }
        let driver = self.driver.take().filter(|driver| driver.may_restart(&error));
        let Some(mut driver) = driver else {
            self.state = State::Ended;
            return Err(error);
        };
        let restarted = ChatEvent::Restarted {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
        };
        self.state = State::Seeking(Box::pin(async move {
            driver.broke_off(error).await;
            let answering = driver.answer().await;
            (driver, answering)
        }));
        Ok(restarted)
    }

    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let deadline = self.deadline.as_mut();
        deadline.is_some_and(|deadline| deadline.as_mut().poll(context).is_ready())
    }
}

impl Stream for RoutedStream {
    type Item = Result<ChatEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(event) = this.held.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            match &mut this.state {
                State::Ended => return Poll::Ready(None),
                State::Answering { attempt, rest } => match rest.as_mut().poll_next(context) {
                    Poll::Ready(Some(Ok(mut event))) => {
                        if let ChatEvent::Finished { .. } = event {
                            tell_failed(&mut event, this.driver.as_deref_mut());
                            this.ended_well();
                        }
                        return Poll::Ready(Some(Ok(event)));
                    }
                    Poll::Ready(ended) => {
                        let error = ended.and_then(Result::err).unwrap_or_else(cut_off);
                        let attempt = attempt.take();
                        return Poll::Ready(Some(this.broke_off(attempt, error)));
                    }
                    Poll::Pending if this.is_late(context) => {
                        this.state = State::Ended;
                        return Poll::Ready(Some(Err(too_long())));
                    }
                    Poll::Pending => return Poll::Pending,
                },
                State::Seeking(seeking) => {
                    let (driver, answering) = ready!(seeking.as_mut().poll(context));
                    this.driver = Some(driver);
                    match answering {
                        Ok(Answering { attempt, held, rest }) => {
                            this.held = held;
                            this.state = State::Answering { attempt: Some(attempt), rest };
                            this.look_for_the_end();
                        }
                        Err(error) => {
                            this.state = State::Ended;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
            }
        }
    }
}

fn tell_failed(event: &mut ChatEvent, driver: Option<&mut Driver>) {
    if let (ChatEvent::Finished { failed_attempts, .. }, Some(driver)) = (event, driver) {
        let mut failed = driver.take_failed();
        failed.append(failed_attempts);
        *failed_attempts = failed;
    }
}

/// A stream that ends without its end is an error, whoever made the provider.
fn cut_off() -> Error {
    let message = "the answer ended before it was complete";
    Error::new(ErrorKind::ProviderFailed, "provider.chat", message).with_retry(Retry::Never)
}

fn too_long() -> Error {
    let message = "the call took longer than its limit";
    Error::new(ErrorKind::Timeout, "provider.chat", message).with_retry(Retry::Never)
}
