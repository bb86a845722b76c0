// The promise is dropped: the mail is frozen in the middle, and goes on in somebody else's invocation, or never.

async function sendWelcome(email) {
  await new Promise((resolve) => setTimeout(resolve, 100)); // talking to the mail provider
  console.log(`welcome mail sent to ${email}`);
}

export const handler = async (event) => {
  sendWelcome(event.email);
  return { statusCode: 201, body: "signed up" };
};
