using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Gateway.Sts;

/// <summary>
/// An identity provider that publishes what OpenID Connect Discovery asks for, and makes whatever token a test wants: the
/// certified one of the portal's journeys makes only good ones.
/// </summary>
sealed class FakeProvider : IDisposable
{
    readonly HttpListener _listener = new();
    RSA _key = RSA.Create(2048);

    public FakeProvider()
    {
        Issuer = $"http://localhost:{FreePort()}";
        _listener.Prefixes.Add(Issuer + "/");
        _listener.Start();
        _ = AnswerAsync();
    }

    public string Issuer { get; }

    public string KeyId { get; private set; } = "first";

    /// <summary>Another key from now on.</summary>
    public void ChangeKey(string keyId)
    {
        _key = RSA.Create(2048);
        KeyId = keyId;
    }

    public JsonObject Claims(string subject) =>
        new()
        {
            ["iss"] = Issuer,
            ["aud"] = "harima",
            ["sub"] = subject,
            ["preferred_username"] = subject,
            ["name"] = "Hanako Yamada",
            ["iat"] = Now(0),
            ["exp"] = Now(300),
        };

    public static long Now(int seconds) => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds;

    public string Sign(JsonObject claims, RSA? key = null)
    {
        var text =
            Part(
                new JsonObject
                {
                    ["alg"] = "RS256",
                    ["kid"] = KeyId,
                    ["typ"] = "JWT",
                }
            )
            + "."
            + Part(claims);
        var signature = (key ?? _key).SignData(
            Encoding.ASCII.GetBytes(text),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
        return $"{text}.{Base64Url(signature)}";
    }

    /// <summary>Signed with a secret instead of a key.</summary>
    public string SignWithSecret(JsonObject claims, string secret)
    {
        var text =
            Part(
                new JsonObject
                {
                    ["alg"] = "HS256",
                    ["kid"] = KeyId,
                    ["typ"] = "JWT",
                }
            )
            + "."
            + Part(claims);
        return $"{text}.{Base64Url(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(text)))}";
    }

    public static string Unsigned(JsonObject claims) =>
        Part(new JsonObject { ["alg"] = "none" }) + "." + Part(claims) + ".";

    public byte[] PublicKey() => _key.ExportSubjectPublicKeyInfo();

    public void Dispose() => _listener.Close();

    async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var body = JsonSerializer.SerializeToUtf8Bytes(
                    context.Request.Url!.AbsolutePath == "/jwks" ? Keys() : Discovery()
                );
                context.Response.ContentType = "application/json";
                await context.Response.OutputStream.WriteAsync(body);
                context.Response.Close();
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    JsonObject Discovery() =>
        new()
        {
            ["issuer"] = Issuer,
            ["jwks_uri"] = Issuer + "/jwks",
            ["authorization_endpoint"] = Issuer + "/authorize",
            ["token_endpoint"] = Issuer + "/token",
        };

    JsonObject Keys()
    {
        var parameters = _key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["keys"] = new JsonArray(
                new JsonObject
                {
                    ["kty"] = "RSA",
                    ["use"] = "sig",
                    ["kid"] = KeyId,
                    ["n"] = Base64Url(parameters.Modulus!),
                    ["e"] = Base64Url(parameters.Exponent!),
                }
            ),
        };
    }

    static string Part(JsonNode node) => Base64Url(Encoding.UTF8.GetBytes(node.ToJsonString()));

    static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    static string FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
