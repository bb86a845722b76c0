import { Body, Controller, Post } from "@nestjs/common";
import { EventEmitter2 } from "@nestjs/event-emitter";
import { events, UserRegistered } from "./events";

@Controller()
export class SignupController {
  constructor(private readonly eventEmitter: EventEmitter2) {}

  // The listener's mail is under way when the answer is sent: it is frozen, and goes on in another invocation, or never.
  @Post("/signup")
  async signUp(@Body() user: UserRegistered) {
    this.eventEmitter.emit(events.USER_REGISTERED, user);
    return { message: "signed up" };
  }
}
