import { Body, Controller, Post } from "@nestjs/common";
import { EventEmitter2 } from "@nestjs/event-emitter";
import { events, UserRegistered } from "./events";

@Controller()
export class SignupController {
  constructor(private readonly eventEmitter: EventEmitter2) {}

  // emitAsync gives the promises of the listeners, and the answer is sent when they have settled.
  @Post("/signup")
  async signUp(@Body() user: UserRegistered) {
    await this.eventEmitter.emitAsync(events.USER_REGISTERED, user);
    return { message: "signed up" };
  }
}
