using System.Globalization;
using System.Security.Cryptography;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Sts;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Harima.Gateway.Sts;

/// <summary>
/// The Security Token Service, at the root of the S3 port: a key, or a token of an identity provider, becomes short-lived
/// credentials of the same person, optionally limited by a session policy. Roles mean nothing here: who asks keeps their
/// own rights, looked up at each use.
/// </summary>
sealed partial class StsPipeline(
    Authenticator authenticator,
    WebIdentities identities,
    AccessKeys keys,
    FilePlaces places,
    ILogger<StsPipeline> logger
)
{
    const int MaxBodyBytes = 64 * 1024;
    const string Account = "000000000000";

    /// <summary>No request to S3 looks like this.</summary>
    public static bool IsAskedFor(HttpRequest request) =>
        request.Path == "/"
        && HttpMethods.IsPost(request.Method)
        && (
            request.QueryString.Value?.Contains("Action=", StringComparison.Ordinal) == true
            || request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase)
                == true
        );

    public async Task HandleAsync(
        HttpContext http,
        Exchange exchange,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var body = await ReadBodyAsync(http.Request, cancellationToken);
            var parameters = ReadParameters(http.Request, body);
            var action = parameters.GetValueOrDefault("Action");
            var answer = action switch
            {
                "AssumeRoleWithWebIdentity" => await AssumeRoleWithWebIdentityAsync(
                    exchange,
                    parameters,
                    cancellationToken
                ),
                "AssumeRole" => await AssumeRoleAsync(
                    await AuthenticateAsync(http, exchange, body, cancellationToken),
                    parameters,
                    cancellationToken
                ),
                "GetSessionToken" => await GetSessionTokenAsync(
                    await AuthenticateAsync(http, exchange, body, cancellationToken),
                    parameters,
                    cancellationToken
                ),
                "GetCallerIdentity" => GetCallerIdentity(
                    await AuthenticateAsync(http, exchange, body, cancellationToken)
                ),
                var other => throw StsErrors.InvalidAction.With($"Could not find operation {other}."),
            };
            exchange.Operation = action;
            await http.Response.WriteAsync(answer with { RequestId = requestId }, cancellationToken);
        }
        catch (FaultException fault)
        {
            await RefuseAsync(http, exchange, Translate(fault), requestId, cancellationToken);
        }
        catch (S3Exception refusal)
        {
            await RefuseAsync(http, exchange, refusal, requestId, cancellationToken);
        }
        catch (BadHttpRequestException broken)
        {
            await RefuseAsync(
                http,
                exchange,
                StsErrors.ValidationError.With(broken.Message),
                requestId,
                cancellationToken
            );
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure, requestId);
            await RefuseAsync(http, exchange, S3Errors.InternalError.Exception(), requestId, cancellationToken);
        }
    }

    async Task<StsResponse> AssumeRoleWithWebIdentityAsync(
        Exchange exchange,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        var token =
            parameters.GetValueOrDefault("WebIdentityToken")
            ?? throw StsErrors.ValidationError.With("WebIdentityToken is missing.");
        var session = SessionName(parameters);
        var identity = await identities.SignInAsync(token, cancellationToken);
        var principal = new Principal(identity.User.Id, "sts " + identity.Issuer);
        exchange.Principal = principal;
        var credentials = await CreateAsync(principal, null, parameters, cancellationToken);
        return new AssumeRoleWithWebIdentityResponse(
            credentials,
            ArnOf(identity.User.Id, session),
            $"{identity.User.Id}:{session}",
            identity.Issuer,
            identity.Audience,
            identity.Subject
        );
    }

    async Task<StsResponse> AssumeRoleAsync(
        SigningIdentity identity,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        var session = SessionName(parameters);
        var credentials = await CreateAsync(LongLived(identity), identity.AccessKeyId, parameters, cancellationToken);
        var userId = identity.Principal.UserId!;
        return new AssumeRoleResponse(credentials, ArnOf(userId, session), $"{userId}:{session}");
    }

    async Task<StsResponse> GetSessionTokenAsync(
        SigningIdentity identity,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    ) =>
        new GetSessionTokenResponse(
            await CreateAsync(LongLived(identity), identity.AccessKeyId, parameters, cancellationToken)
        );

    static GetCallerIdentityResponse GetCallerIdentity(SigningIdentity identity) =>
        new($"arn:aws:iam::{Account}:user/{identity.Principal.UserId}", identity.Principal.UserId!, Account);

    async Task<StsCredentials> CreateAsync(
        Principal principal,
        string? parentKeyId,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        var limit = await ReadLimitAsync(principal, parameters, cancellationToken);
        var made = await keys.CreateSessionAsync(
            principal,
            limit,
            ReadDuration(parameters),
            cancellationToken,
            parentKeyId
        );
        return new StsCredentials(made.Key.Id, made.SecretKey, made.SessionToken!, made.Key.ExpiresAt!.Value);
    }

    async Task<CredentialLimit?> ReadLimitAsync(
        Principal principal,
        Dictionary<string, string> parameters,
        CancellationToken cancellationToken
    )
    {
        // What would be ignored is refused: the credentials would reach further than was asked for.
        if (
            parameters.Keys.FirstOrDefault(name => name.StartsWith("PolicyArns.", StringComparison.Ordinal)) is not null
        )
            throw StsErrors.ValidationError.With("PolicyArns is not offered; give the policy itself in Policy.");
        if (parameters.GetValueOrDefault("Policy") is not { Length: > 0 } text)
            return null;
        var policy = SessionPolicy.Parse(text);
        var bucket = await places.GetBucketAsync(principal, policy.Bucket, cancellationToken);
        return new CredentialLimit(bucket.Bucket.Name, policy.Prefix, policy.MayWrite);
    }

    static TimeSpan? ReadDuration(Dictionary<string, string> parameters)
    {
        if (parameters.GetValueOrDefault("DurationSeconds") is not { } text)
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds >= 60
            ? TimeSpan.FromSeconds(seconds)
            : throw StsErrors.ValidationError.With("DurationSeconds is a number of at least 60.");
    }

    static string SessionName(Dictionary<string, string> parameters)
    {
        var name = parameters.GetValueOrDefault("RoleSessionName") ?? "session";
        return name.Length is >= 2 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || "_=,.@-".Contains(c))
            ? name
            : throw StsErrors.ValidationError.With("RoleSessionName has 2 to 64 letters, digits or _=,.@-");
    }

    async Task<SigningIdentity> AuthenticateAsync(
        HttpContext http,
        Exchange exchange,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        var target = RequestTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var signature =
            SignatureVerifier.ParseService(
                "sts",
                http.Request.Method,
                target,
                name => S3Request.LookUp(http.Request.Headers, name),
                SHA256.HashData(body.Span)
            ) ?? throw StsErrors.MissingAuthenticationToken.Exception();
        var identity = await authenticator.AuthenticateAsync(signature, cancellationToken);
        exchange.Principal = identity.Principal;
        return identity;
    }

    // Else credentials that were limited, or about to end, could make themselves others that are not.
    static Principal LongLived(SigningIdentity identity) =>
        identity.SessionToken is null
            ? identity.Principal
            : throw StsErrors.AccessDenied.With("Session credentials cannot make other session credentials.");

    static async Task<byte[]> ReadBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxBodyBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(
            buffer,
            buffer.Length,
            throwOnEndOfStream: false,
            cancellationToken
        );
        return length > MaxBodyBytes
            ? throw StsErrors.ValidationError.With("The request is too large.")
            : buffer[..length];
    }

    static Dictionary<string, string> ReadParameters(HttpRequest request, byte[] body)
    {
        using var reader = new FormReader(System.Text.Encoding.UTF8.GetString(body))
        {
            ValueLengthLimit = MaxBodyBytes,
        };
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, values) in reader.ReadForm())
                found.TryAdd(name, values[0] ?? "");
        }
        catch (InvalidDataException exception)
        {
            throw new S3Exception(StsErrors.ValidationError, "The request is malformed.", exception);
        }
        foreach (var (name, values) in request.Query)
            found.TryAdd(name, values[0] ?? "");
        return found;
    }

    static string ArnOf(string userId, string session) => $"arn:aws:sts::{Account}:assumed-role/{userId}/{session}";

    static S3Exception Translate(FaultException fault) =>
        new(
            fault.Code switch
            {
                FaultCode.Invalid => StsErrors.ValidationError,
                FaultCode.NotFound => StsErrors.MalformedPolicyDocument,
                FaultCode.TooManyRequests => S3Errors.SlowDown,
                FaultCode.Forbidden or FaultCode.Unauthenticated => StsErrors.AccessDenied,
                _ => S3Errors.InternalError,
            },
            fault.Message,
            fault
        );

    static async Task RefuseAsync(
        HttpContext http,
        Exchange exchange,
        S3Exception refusal,
        string requestId,
        CancellationToken cancellationToken
    )
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return;
        }
        http.Response.StatusCode = refusal.Status;
        // Its own name for a key that does not exist.
        var code = refusal.Code == S3Errors.InvalidAccessKeyId.Code ? "InvalidClientTokenId" : refusal.Code;
        exchange.ErrorCode = code;
        await http.Response.WriteAsync(
            new StsErrorDocument(refusal.Status >= 500, code, refusal.Message, requestId),
            cancellationToken
        );
    }

    [LoggerMessage(3023, LogLevel.Error, "A request for credentials failed (request {RequestId})")]
    static partial void LogFailed(ILogger logger, Exception exception, string requestId);
}
