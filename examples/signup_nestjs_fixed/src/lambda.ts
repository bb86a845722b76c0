import "reflect-metadata";
import serverlessExpress from "@codegenie/serverless-express";
import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";

let server: any;

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.init();
  return serverlessExpress({ app: app.getHttpAdapter().getInstance() });
}

export const handler = async (event: any, context: any) => {
  server = server ?? (await bootstrap());
  return server(event, context);
};
