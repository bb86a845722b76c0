export const events = { USER_REGISTERED: "user.registered" } as const;

export type UserRegistered = { name: string; email: string };
