import { Injectable } from "@nestjs/common";
import { OnEvent } from "@nestjs/event-emitter";
import { events, UserRegistered } from "./events";

@Injectable()
export class MailListener {
  @OnEvent(events.USER_REGISTERED)
  async sendWelcome(user: UserRegistered): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 100)); // talking to the mail provider
    console.log(`welcome mail sent to ${user.email}`);
  }
}
