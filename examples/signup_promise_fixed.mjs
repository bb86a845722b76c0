// The mail is sent before the answer is.

async function sendWelcome(email) {
  await new Promise((resolve) => setTimeout(resolve, 100)); // talking to the mail provider
  console.log(`welcome mail sent to ${email}`);
}

export const handler = async (event) => {
  await sendWelcome(event.email);
  return { statusCode: 201, body: "signed up" };
};
