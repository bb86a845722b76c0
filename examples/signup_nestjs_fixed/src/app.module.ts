import { Module } from "@nestjs/common";
import { EventEmitterModule } from "@nestjs/event-emitter";
import { MailListener } from "./mail.listener";
import { SignupController } from "./signup.controller";

@Module({
  imports: [EventEmitterModule.forRoot()],
  controllers: [SignupController],
  providers: [MailListener],
})
export class AppModule {}
