using System.Security.Cryptography;
using System.Text;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>Who asks, and how they proved it.</summary>
/// <param name="Principal">Anonymous where nobody signed.</param>
/// <param name="Signature">Null where nobody signed.</param>
readonly record struct Caller(Principal Principal, SignedRequest? Signature);

/// <summary>From a signature to a person: reads it, finds the key, verifies, and looks for what it does not cover.</summary>
sealed class Authenticator(SignatureVerifier verifier, AccessKeys keys, RateLimits limits)
{
    /// <exception cref="S3Exception">The signature is wrong, expired, of an unknown key, or does not cover the request.</exception>
    public async ValueTask<Caller> AuthenticateAsync(
        HttpRequest request,
        RequestTarget target,
        HeaderLookup headers,
        string? hostBucket,
        CancellationToken cancellationToken
    )
    {
        var signature = SignatureVerifier.Parse(
            request.Method,
            target,
            headers,
            () => request.Headers.Keys,
            hostBucket
        );
        if (signature is null)
        {
            limits.RequireAnonymous(request.HttpContext.Connection.RemoteIpAddress);
            return new Caller(Principal.Anonymous, null);
        }
        var identity = await FindAsync(signature.AccessKeyId, cancellationToken);
        verifier.Verify(signature, identity.SecretKey);
        RequireToken(identity, signature.SessionToken);
        RequireCovered(signature, request.Headers);
        limits.Require(identity.AccessKeyId);
        keys.MarkUsed(identity.AccessKeyId);
        return new Caller(identity.Principal, signature);
    }

    /// <summary>Who signed the policy of an upload form.</summary>
    /// <exception cref="S3Exception">The signature is wrong or of an unknown key.</exception>
    public async ValueTask<Principal> AuthenticateAsync(PolicySignature signature, CancellationToken cancellationToken)
    {
        var identity = await FindAsync(signature.AccessKeyId, cancellationToken);
        verifier.Verify(signature, identity.SecretKey);
        RequireToken(identity, signature.SessionToken);
        limits.Require(identity.AccessKeyId);
        keys.MarkUsed(identity.AccessKeyId);
        return identity.Principal;
    }

    /// <summary>Whose key signed a request to another service of AWS's that is answered here.</summary>
    /// <exception cref="S3Exception">The signature is wrong, expired or of an unknown key.</exception>
    public async ValueTask<SigningIdentity> AuthenticateAsync(
        SignedRequest signature,
        CancellationToken cancellationToken
    )
    {
        var identity = await FindAsync(signature.AccessKeyId, cancellationToken);
        verifier.Verify(signature, identity.SecretKey);
        RequireToken(identity, signature.SessionToken);
        limits.Require(identity.AccessKeyId);
        keys.MarkUsed(identity.AccessKeyId);
        return identity;
    }

    async ValueTask<SigningIdentity> FindAsync(string accessKeyId, CancellationToken cancellationToken) =>
        await keys.FindAsync(accessKeyId, cancellationToken)
        ?? throw new S3Exception(S3Errors.InvalidAccessKeyId) { Details = [new("AWSAccessKeyId", accessKeyId)] };

    static void RequireToken(SigningIdentity identity, string? given)
    {
        if (
            !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(identity.SessionToken ?? ""),
                Encoding.UTF8.GetBytes(given ?? "")
            )
        )
            throw S3Errors.InvalidToken.Exception();
    }

    static void RequireCovered(SignedRequest signature, IHeaderDictionary headers)
    {
        if (signature.FindUncovered(headers.Keys) is { } uncovered)
        {
            throw new S3Exception(
                S3Errors.AccessDenied,
                "There were headers present in the request which were not signed"
            )
            {
                Details = [new("HeadersNotSigned", uncovered)],
            };
        }
    }
}
