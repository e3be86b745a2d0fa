//! How an operation is declared, once, with all that anyone needs of it: dispatch, authorisation, coverage and the tests read the same row.
//!
//! A service's crate has one [`operations!`] block. A row names the operation as the model does, its handler, and the function that lists
//! what it must be allowed. Handlers are ordinary functions over typed input and output; the erasing of those types happens here and nowhere else.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use crate::outside::Reading;
use crate::{ApiError, Check, Cx, Service, Shaped, Tx, World};

/// One operation, with its types erased.
pub struct Operation {
    pub service: Service,
    pub name: &'static str,
    run: Run,
    writing: Option<Writing>,
    read: fn(&wire::Model, &wire::Operation, &wire::Value) -> Result<AnyInput, wire::DomainError>,
    shapes: Shapes,
    authorize: Authorize,
    precheck: Option<Precheck>,
    prepare: Option<Prepare>,
    outside: Option<Outside>,
    /// Reads a large part of the state: runs where it does not hold up others.
    pub scan: bool,
    /// A dry run is made before it is answered; of all others it asks for permission alone.
    pub rehearsed: bool,
    /// Must see uses of keys and actions that happened a moment ago and are written lazily.
    pub fresh_uses: bool,
}

/// The typed input of an operation, erased.
pub type AnyInput = Box<dyn Any + Send + Sync>;

/// The typed output of an operation, erased but for how it is written.
pub trait Output: Send {
    /// XML in the service's protocol.
    fn write(
        &self,
        model: &wire::Model,
        operation: &wire::Operation,
        request_id: &str,
    ) -> Result<Vec<u8>, wire::EncodeError>;
}

impl<T: Serialize + Send> Output for T {
    fn write(
        &self,
        model: &wire::Model,
        operation: &wire::Operation,
        request_id: &str,
    ) -> Result<Vec<u8>, wire::EncodeError> {
        wire::write(model, operation, self, request_id)
    }
}

/// The output of an operation that answers nothing.
#[derive(Debug, Clone, Copy, Default, Serialize, Shaped)]
pub struct Done {}

/// The handler of an operation: one that reads a snapshot, or one that writes inside the store.
pub enum Run {
    Read(Box<ReadFn>),
    Write(Box<WriteFn>),
}

type ReadFn = dyn Fn(&Cx, &World, &AnyInput) -> Result<Box<dyn Output>, ApiError> + Send + Sync;
type WriteFn = dyn Fn(&Cx, &mut Tx, &AnyInput) -> Result<Box<dyn Output>, ApiError> + Send + Sync;
type ChecksFn = dyn Fn(&Cx, &World, &AnyInput) -> Vec<Check> + Send + Sync;

/// The other handler of an operation that reads, for the inputs for which it has to write.
struct Writing {
    wants: Box<dyn Fn(&AnyInput) -> bool + Send + Sync>,
    run: Run,
}

enum Authorize {
    Checks(Box<ChecksFn>),
    Open(&'static str),
}

/// Work that takes long and is done outside the store: a pure function of 32 random bytes, run by the server on its blocking pool after a
/// first authorisation. What it gives reaches the handler as [`Cx::prepared`].
pub type Preparation = Box<dyn FnOnce([u8; 32]) -> Arc<dyn Any + Send + Sync> + Send>;

type Prepare = Box<dyn Fn(&Cx, &World, &AnyInput) -> Option<Preparation> + Send + Sync>;

type Outside = Box<dyn Fn(&Cx, &World, &AnyInput) -> Option<Reading> + Send + Sync>;

type Precheck = Box<dyn Fn(&Cx, &World, &AnyInput) -> Result<(), ApiError> + Send + Sync>;

/// Compares what a row declares with the model.
pub struct Shapes {
    pub input: Box<Compare>,
    pub output: Box<Compare>,
}

type Compare = dyn Fn(&wire::Model, &wire::Operation) -> wire::ShapeReport + Send + Sync;

impl Operation {
    /// An operation that only reads.
    pub fn read<I, O>(service: Service, name: &'static str, handler: impl Handler<World, I, O>) -> Row<I>
    where
        I: DeserializeOwned + Shaped + Send + Sync + 'static,
        O: Serialize + Shaped + Send + 'static,
    {
        let run = move |cx: &Cx, world: &World, input: &AnyInput| {
            let output = handler.call(cx, world, typed::<I>(input)?)?;
            Ok(Box::new(output) as Box<dyn Output>)
        };
        Row { operation: Operation::of::<I, O>(service, name, Run::Read(Box::new(run))), input: PhantomData }
    }

    /// An operation that changes the state.
    pub fn write<I, O>(service: Service, name: &'static str, handler: impl WriteHandler<I, O>) -> Row<I>
    where
        I: DeserializeOwned + Shaped + Send + Sync + 'static,
        O: Serialize + Shaped + Send + 'static,
    {
        Row { operation: Operation::of::<I, O>(service, name, erased(handler)), input: PhantomData }
    }

    fn of<I, O>(service: Service, name: &'static str, run: Run) -> Operation
    where
        I: DeserializeOwned + Shaped + Send + Sync + 'static,
        O: Serialize + Shaped + Send + 'static,
    {
        Operation {
            service,
            name,
            run,
            writing: None,
            read: |model, operation, value| Ok(Box::new(wire::read::<I>(model, operation, value)?)),
            shapes: Shapes { input: Box::new(wire::compare_input::<I>), output: Box::new(wire::compare_output::<O>) },
            // A row without `authorize` does not compile; until it is set nobody is allowed.
            authorize: Authorize::Checks(Box::new(|_, _, _| vec![Check::on("arn:aws:rolecall:::unset")])),
            precheck: None,
            prepare: None,
            outside: None,
            scan: false,
            rehearsed: false,
            fresh_uses: false,
        }
    }

    /// Whether the operation changes the state with this input.
    pub fn writes(&self, input: &AnyInput) -> bool {
        matches!(self.handler(input), Run::Write(_))
    }

    /// `iam:CreateRole`.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.name)
    }

    /// The reason why no permission is needed, where that is so.
    pub fn open_reason(&self) -> Option<&'static str> {
        match self.authorize {
            Authorize::Open(reason) => Some(reason),
            Authorize::Checks(_) => None,
        }
    }

    /// The decoded request as the handler's own type.
    pub fn input(
        &self,
        model: &wire::Model,
        operation: &wire::Operation,
        value: &wire::Value,
    ) -> Result<AnyInput, wire::DomainError> {
        (self.read)(model, operation, value)
    }

    /// The checks of this request, each with its action.
    pub fn checks(&self, cx: &Cx, world: &World, input: &AnyInput) -> Vec<Check> {
        let mut checks = match &self.authorize {
            Authorize::Checks(list) => list(cx, world, input),
            Authorize::Open(_) => Vec::new(),
        };
        for check in &mut checks {
            if check.action.is_empty() {
                check.action = self.action();
            }
        }
        checks
    }

    /// The checks made before authorisation.
    pub fn precheck(&self, cx: &Cx, world: &World, input: &AnyInput) -> Result<(), ApiError> {
        self.precheck.as_ref().map_or(Ok(()), |check| check(cx, world, input))
    }

    /// What this request wants prepared.
    pub fn preparation(&self, cx: &Cx, world: &World, input: &AnyInput) -> Option<Preparation> {
        self.prepare.as_ref().and_then(|prepare| prepare(cx, world, input))
    }

    /// What this request wants read from outside.
    pub fn reading(&self, cx: &Cx, world: &World, input: &AnyInput) -> Option<Reading> {
        self.outside.as_ref().and_then(|outside| outside(cx, world, input))
    }

    /// The handler for this input.
    pub fn handler(&self, input: &AnyInput) -> &Run {
        match &self.writing {
            Some(writing) if (writing.wants)(input) => &writing.run,
            _ => &self.run,
        }
    }

    /// How the row's structs differ from the model: names it does not know, members nobody declared.
    pub fn shapes(&self) -> &Shapes {
        &self.shapes
    }
}

/// A row being declared; its input type ties handler and authorisation together.
pub struct Row<I> {
    operation: Operation,
    input: PhantomData<fn(I)>,
}

impl<I: 'static> Row<I> {
    /// The finished row.
    pub fn build(self) -> Operation {
        self.operation
    }

    /// What the operation must be allowed. The checks get the operation's action where they name none.
    pub fn authorize(mut self, checks: impl Fn(&Cx, &World, &I) -> Vec<Check> + Send + Sync + 'static) -> Self {
        self.operation.authorize =
            Authorize::Checks(Box::new(move |cx, world, input| match input.downcast_ref::<I>() {
                Some(input) => checks(cx, world, input),
                // INVARIANT: a row's handler and its authorisation take the same input; the registry test calls every row.
                None => vec![Check::on("arn:aws:rolecall:::wrong-input-type")],
            }));
        self
    }

    /// Needs no permission, for the reason given.
    pub fn open(mut self, reason: &'static str) -> Self {
        self.operation.authorize = Authorize::Open(reason);
        self
    }

    /// Parameter checks that AWS makes before it asks for permission (combinations, malformed ids).
    pub fn check(mut self, check: impl Fn(&Cx, &World, &I) -> Result<(), ApiError> + Send + Sync + 'static) -> Self {
        self.operation.precheck = Some(Box::new(move |cx, world, input| check(cx, world, typed(input)?)));
        self
    }

    /// Work to be done outside the store before the handler runs.
    pub fn prepare(mut self, prepare: impl Fn(&Cx, &World, &I) -> Option<Preparation> + Send + Sync + 'static) -> Self {
        self.operation.prepare = Some(Box::new(move |cx, world, input| prepare(cx, world, input.downcast_ref::<I>()?)));
        self
    }

    /// Documents to be read from outside before the checks and the handler run; what comes of them is [`Cx::prepared`].
    pub fn outside(mut self, outside: impl Fn(&Cx, &World, &I) -> Option<Reading> + Send + Sync + 'static) -> Self {
        self.operation.outside = Some(Box::new(move |cx, world, input| outside(cx, world, input.downcast_ref::<I>()?)));
        self
    }

    /// Runs an operation that reads by this handler instead, which writes, for the inputs that want it.
    pub fn writing_if<O>(
        mut self,
        wants: impl Fn(&I) -> bool + Send + Sync + 'static,
        handler: impl WriteHandler<I, O>,
    ) -> Self
    where
        O: Serialize + Shaped + Send + 'static,
    {
        let wants = move |input: &AnyInput| input.downcast_ref::<I>().is_some_and(&wants);
        self.operation.writing = Some(Writing { wants: Box::new(wants), run: erased(handler) });
        self
    }

    /// Says which members a row honours whose input is a [`Document`](crate::document::Document); a struct says so by its fields.
    pub fn honours(
        mut self,
        honours: impl Fn(&wire::Model, &wire::Operation) -> wire::ShapeReport + Send + Sync + 'static,
    ) -> Self {
        self.operation.shapes.input = Box::new(honours);
        self
    }

    /// Marks an operation that reads a large part of the state.
    pub fn scan(mut self) -> Self {
        self.operation.scan = true;
        self
    }

    /// Marks an operation whose dry run fails where the request would: it runs, and what it did is thrown away.
    pub fn rehearsed(mut self) -> Self {
        self.operation.rehearsed = true;
        self
    }

    /// Marks an operation that tells of uses: those not yet written down are, before it runs.
    pub fn fresh_uses(mut self) -> Self {
        self.operation.fresh_uses = true;
        self
    }
}

fn erased<I: 'static, O: Serialize + Send + 'static>(handler: impl WriteHandler<I, O>) -> Run {
    let run = move |cx: &Cx, tx: &mut Tx, input: &AnyInput| {
        let output = handler.call(cx, tx, typed::<I>(input)?)?;
        Ok(Box::new(output) as Box<dyn Output>)
    };
    Run::Write(Box::new(run))
}

fn typed<I: 'static>(input: &AnyInput) -> Result<&I, ApiError> {
    input.downcast_ref::<I>().ok_or_else(|| ApiError::internal("an operation's row mixes two input types"))
}

/// A function that reads: `fn(&Cx, &World, &Input) -> Result<Output, ApiError>`.
pub trait Handler<S, I, O>: Send + Sync + 'static {
    fn call(&self, cx: &Cx, state: &S, input: &I) -> Result<O, ApiError>;
}

impl<S, I, O, F> Handler<S, I, O> for F
where
    F: Fn(&Cx, &S, &I) -> Result<O, ApiError> + Send + Sync + 'static,
{
    fn call(&self, cx: &Cx, state: &S, input: &I) -> Result<O, ApiError> {
        self(cx, state, input)
    }
}

/// A function that writes: `fn(&Cx, &mut Tx, &Input) -> Result<Output, ApiError>`.
pub trait WriteHandler<I, O>: Send + Sync + 'static {
    fn call(&self, cx: &Cx, tx: &mut Tx, input: &I) -> Result<O, ApiError>;
}

impl<I, O, F> WriteHandler<I, O> for F
where
    F: Fn(&Cx, &mut Tx, &I) -> Result<O, ApiError> + Send + Sync + 'static,
{
    fn call(&self, cx: &Cx, tx: &mut Tx, input: &I) -> Result<O, ApiError> {
        self(cx, tx, input)
    }
}

/// Declares a service's operations:
///
/// ```ignore
/// operations! { Iam;
///     CreateRole => write(role::create) authorize(role::to_create),
///     GetRole    => read(role::get)     authorize(role::by_name),
///     RunInstances => write(run::run)   authorize(run::checks) check(run::combinations),
///     GetCallerIdentity => read(identity) open("AWS lets anyone ask, even under an explicit deny"),
///     AssumeRole => read(assume) authorize(trust) writing_if(AssumeRole::spends_code, assume_with_code),
/// }
/// ```
///
/// It makes `pub fn operations() -> Vec<Operation>`. A row without `authorize` or `open` does not compile.
#[macro_export]
macro_rules! operations {
    ($service:ident; $( $name:ident => $kind:ident($handler:expr) $gate:ident($gated:expr) $( $more:ident($($argument:expr),*) )* ),* $(,)?) => {
        /// The operations of this service that are built.
        pub fn operations() -> Vec<$crate::Operation> {
            vec![ $(
                $crate::Operation::$kind($crate::Service::$service, stringify!($name), $handler)
                    .$gate($gated)
                    $( .$more($($argument),*) )*
                    .build()
            ),* ]
        }
    };
}
