// The answer is streamed and ended first. The handler's promise settles when the mail has been sent, and only then is the sandbox frozen.

async function sendWelcome(email) {
  await new Promise((resolve) => setTimeout(resolve, 100)); // talking to the mail provider
  console.log(`welcome mail sent to ${email}`);
}

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write("signed up");
  stream.end();
  await sendWelcome(event.email);
});
