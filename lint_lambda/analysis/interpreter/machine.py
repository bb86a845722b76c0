"""The machine: it owns the parts of the interpreter and wires them, once.

A part asks the others only for what stands here: evaluate, execute, call, run, wait, enter, leave, assign; and it may ask
`objects` how values answer, `classes` what is known of classes, `elements` what containers hold, `handles` to change the state of launches, `selectors` what a model's words mean. Add a method
here only when it is truly everybody's.
"""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.log import Log
from lint_lambda.analysis.domain.values import Obj, Suspended, Value
from lint_lambda.analysis.domain.world import World
from lint_lambda.analysis.extensions.requests import Requests
from lint_lambda.analysis.frameworks.decorators import Decorators
from lint_lambda.analysis.frameworks.endpoints import Endpoints
from lint_lambda.analysis.frameworks.middleware import Middleware
from lint_lambda.analysis.frameworks.registration import Registration
from lint_lambda.analysis.frameworks.serving import Serving
from lint_lambda.analysis.interpreter.calls import Calls
from lint_lambda.analysis.interpreter.classes import Classes
from lint_lambda.analysis.interpreter.conditions import Conditions
from lint_lambda.analysis.interpreter.definitions import Definitions
from lint_lambda.analysis.interpreter.displays import Displays
from lint_lambda.analysis.interpreter.elements import Elements
from lint_lambda.analysis.interpreter.expressions import Expressions
from lint_lambda.analysis.interpreter.instances import Instances
from lint_lambda.analysis.interpreter.loops import Loops
from lint_lambda.analysis.interpreter.managers import Managers
from lint_lambda.analysis.interpreter.modules import Modules
from lint_lambda.analysis.interpreter.names import Names
from lint_lambda.analysis.interpreter.objects import Objects
from lint_lambda.analysis.interpreter.operators import Operators
from lint_lambda.analysis.interpreter.parameters import Parameters
from lint_lambda.analysis.interpreter.polled import Polled
from lint_lambda.analysis.interpreter.reflection import Reflection
from lint_lambda.analysis.interpreter.regions import Regions
from lint_lambda.analysis.interpreter.statements import Statements
from lint_lambda.analysis.interpreter.summaries import Summaries
from lint_lambda.analysis.interpreter.waiting import Waiting
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.dispatch import Library
from lint_lambda.analysis.library.handles import Handles
from lint_lambda.analysis.library.named import Named
from lint_lambda.analysis.library.selectors import Selectors
from lint_lambda.core import ir
from lint_lambda.knowledge.verbs import LaunchModel


class Machine:
    """Everything that analyses one world. `held_calls`, `blocks`: see `lint_lambda.analysis.library.machine.Machine`."""

    objects: Objects
    classes: Classes
    elements: Elements
    modules: Modules
    selectors: Selectors
    handles: Handles
    named: Named
    library: Library
    frameworks: Registration
    serving: Serving
    endpoints: Endpoints
    middleware: Middleware
    decorators: Decorators
    parameters: Parameters
    calls: Calls
    instances: Instances
    operators: Operators
    polled: Polled
    names: Names
    conditions: Conditions
    definitions: Definitions
    displays: Displays
    reflection: Reflection
    expressions: Expressions
    waiting: Waiting
    regions: Regions
    managers: Managers
    loops: Loops
    statements: Statements
    summaries: Summaries

    def __init__(self, world: World) -> None:
        self.world = world
        self.universe = world.universe
        self.heap = world.heap
        self.models = world.models
        self.semantics = world.semantics
        self.held_calls: dict[Obj, tuple[Obj, Args]] = {}
        self.blocks: dict[Obj, tuple[LaunchModel, Call]] = {}
        self.log = Log()
        self.requests = Requests(world, self.log)
        self.objects = Objects(self)
        self.classes = Classes(self)
        self.elements = Elements(self)
        self.modules = Modules(self)
        self.selectors = Selectors(self)
        self.handles = Handles(self)
        self.named = Named(self)
        self.library = Library(self)
        self.frameworks = Registration(self)
        self.serving = Serving(self)
        self.endpoints = Endpoints(self)
        self.middleware = Middleware(self)
        self.decorators = Decorators(self)
        self.parameters = Parameters(self)
        self.summaries = Summaries(self)
        self.calls = Calls(self)
        self.instances = Instances(self)
        self.operators = Operators(self)
        self.polled = Polled(self)
        self.names = Names(self)
        self.conditions = Conditions(self)
        self.definitions = Definitions(self)
        self.displays = Displays(self)
        self.reflection = Reflection(self)
        self.expressions = Expressions(self)
        self.waiting = Waiting(self)
        self.regions = Regions(self)
        self.managers = Managers(self)
        self.loops = Loops(self)
        self.statements = Statements(self)
        self.evaluate = self.expressions.evaluate
        self.execute = self.statements.execute
        self.perhaps = self.statements.perhaps
        self.assign = self.names.assign

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        """Call every object that `callee` may be; the states of several meet."""
        return self.calls.call(callee, args, site, frame, decorates)

    def run(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end."""
        return self.calls.run(obj, site, frame)

    def wait(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """Wait for `value` as the language's own ``await`` does."""
        return self.waiting.wait(value, site, frame)

    def adopt(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """What eager work gives: of a handle, what waiting for it gives, as the work is not done before."""
        return self.waiting.adopt(value, site, frame)

    def load(self, name: object, site: ir.Site, frame: Frame) -> Value:
        """Import the module called `name`, if the project has one."""
        return self.modules.load(name, site, frame)

    def enter(self, manager: Value, site: ir.Site, frame: Frame) -> Value:
        """Enter a context manager whose exit happens elsewhere; the value is what it gives."""
        return self.managers.enter(manager, site, frame)

    def leave(self, manager: Value, site: ir.Site, frame: Frame) -> bool:
        """Leave a context manager. True when its exit method always answers that an exception is dealt with."""
        return bool(self.managers.leave(manager, site, frame))
