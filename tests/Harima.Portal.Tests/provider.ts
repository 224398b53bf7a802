// The institute's identity provider: npm's oidc-provider, which is certified by the OpenID Foundation, with one person.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

export async function startProvider(port: number, redirectUri: string): Promise<{ issuer: string; stop(): Promise<void> }> {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'harima',
        client_secret: 'portal-test-secret',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: async (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        name: 'Hanako Yamada',
        preferred_username: 'hanako',
        email: 'hanako@institute.example',
        email_verified: true,
      }),
    }),
    // Its own login and consent pages, made for development; they are what the journey clicks through.
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    cookies: { keys: ['portal-test'] },
  });
  const server = createServer(provider.callback());
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return {
    issuer,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
