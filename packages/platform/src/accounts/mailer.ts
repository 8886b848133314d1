import { createTransport } from "nodemailer";

export interface Mail {
  to: string;
  subject: string;
  /** Plain text; paragraphs are divided by empty lines. */
  text: string;
}

/** Sends mail. Absent where no mail server is configured. */
export interface Mailer {
  /** @throws Error where the server does not take the mail */
  send(mail: Mail): Promise<void>;
}

/** Sends by SMTP: `smtp://user:password@host:587` or `smtps://…`. */
export function createMailer({ smtpUrl, from }: { smtpUrl: string; from: string }): Mailer {
  const transport = createTransport({ url: smtpUrl, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 });
  return {
    send: async (mail) => {
      // One recipient, whatever the text holds: as a plain string it would be read as a list.
      const to = { name: "", address: mail.to.replaceAll(/[\p{Cc}\s]/gu, "") };
      await transport.sendMail({ from, ...mail, to, disableFileAccess: true, disableUrlAccess: true });
    },
  };
}
