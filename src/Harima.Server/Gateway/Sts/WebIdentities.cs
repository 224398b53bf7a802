using Harima.Hosting;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Sts;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Harima.Gateway.Sts;

/// <summary>Whom an OpenID Connect token speaks of.</summary>
sealed record WebIdentity(User User, string Issuer, string Audience, string Subject);

/// <summary>
/// From the token of a configured provider to the person it speaks of, the same account as by logging in to the portal.
/// Signature, issuer, audience and lifetime are checked against what the provider publishes.
/// </summary>
sealed partial class WebIdentities(
    IReadOnlyList<OidcOptions> providers,
    IOptionsMonitor<OpenIdConnectOptions> schemes,
    ExternalLogins logins,
    TimeProvider time,
    ILogger<WebIdentities> logger
)
{
    // AWS's limit.
    const int MaxTokenLength = 20_000;
    static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(2);

    // Public keys only: who knows the client's secret must not be able to make tokens of anybody.
    static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256,
        SecurityAlgorithms.RsaSha384,
        SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256,
        SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256,
        SecurityAlgorithms.EcdsaSha384,
        SecurityAlgorithms.EcdsaSha512,
    ];

    readonly JsonWebTokenHandler _handler = new()
    {
        MapInboundClaims = false,
        MaximumTokenSizeInBytes = MaxTokenLength,
    };

    /// <exception cref="S3Exception">InvalidIdentityToken, ExpiredTokenException, IDPCommunicationError, AccessDenied.</exception>
    public async Task<WebIdentity> SignInAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length > MaxTokenLength || !TryRead(text, out var unverified))
            throw StsErrors.InvalidIdentityToken.With("The web identity token is not a signed JSON Web Token.");
        var (provider, issuer) = await FindProviderAsync(unverified.Issuer, cancellationToken);
        var token = await ValidateAsync(text, provider, issuer, cancellationToken);
        var subject = token.Subject;
        if (string.IsNullOrEmpty(subject))
            throw StsErrors.InvalidIdentityToken.With("The web identity token names no subject.");
        var email = Claim(token, "email");
        var name = Claim(token, "preferred_username") ?? email ?? subject;
        var user = await logins.SignInAsync(
            token.Issuer,
            subject,
            name,
            Claim(token, "name") ?? name,
            email,
            cancellationToken
        );
        if (!user.Active)
            throw StsErrors.AccessDenied.With("This account is closed.");
        return new WebIdentity(user, token.Issuer, token.Audiences.First(), subject);
    }

    async Task<(OidcOptions Provider, OpenIdConnectConfiguration Issuer)> FindProviderAsync(
        string issuer,
        CancellationToken cancellationToken
    )
    {
        var unreachable = false;
        foreach (var provider in providers)
        {
            try
            {
                var published = await ConfigurationOf(provider).GetConfigurationAsync(cancellationToken);
                if (published.Issuer == issuer)
                    return (provider, published);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                unreachable = true;
                LogUnreachable(logger, provider.Name, failure);
            }
        }
        throw unreachable
            ? StsErrors.IDPCommunicationError.Exception()
            : StsErrors.InvalidIdentityToken.With("The issuer of the web identity token is not configured here.");
    }

    async Task<JsonWebToken> ValidateAsync(
        string text,
        OidcOptions provider,
        OpenIdConnectConfiguration issuer,
        CancellationToken cancellationToken
    )
    {
        var result = await _handler.ValidateTokenAsync(text, Rules(provider, issuer));
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The provider may have changed its keys since they were read; asking again is limited to once in a while.
            var manager = ConfigurationOf(provider);
            manager.RequestRefresh();
            result = await _handler.ValidateTokenAsync(
                text,
                Rules(provider, await manager.GetConfigurationAsync(cancellationToken))
            );
        }
        if (result.IsValid)
            return (JsonWebToken)result.SecurityToken;
        LogRefused(logger, provider.Name, result.Exception);
        throw result.Exception switch
        {
            SecurityTokenInvalidLifetimeException => StsErrors.ExpiredTokenException.Exception(),
            SecurityTokenInvalidAudienceException => StsErrors.InvalidIdentityToken.With("Incorrect token audience"),
            SecurityTokenInvalidSignatureException => StsErrors.InvalidIdentityToken.With(
                "The web identity token's signature is wrong."
            ),
            _ => StsErrors.InvalidIdentityToken.Exception(),
        };
    }

    TokenValidationParameters Rules(OidcOptions provider, OpenIdConnectConfiguration issuer) =>
        new()
        {
            ValidIssuer = issuer.Issuer,
            ValidAudiences = provider.TokenAudiences,
            IssuerSigningKeys = issuer.SigningKeys,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateIssuerSigningKey = true,
            LifetimeValidator = (notBefore, expires, _, _) =>
            {
                var now = time.GetUtcNow().UtcDateTime;
                return expires is { } end
                    && now < end + AllowedSkew
                    && (notBefore is not { } start || now > start - AllowedSkew);
            },
        };

    IConfigurationManager<OpenIdConnectConfiguration> ConfigurationOf(OidcOptions provider) =>
        schemes.Get(provider.Scheme).ConfigurationManager!;

    bool TryRead(string text, out JsonWebToken token)
    {
        token = null!;
        try
        {
            if (!_handler.CanReadToken(text))
                return false;
            token = _handler.ReadJsonWebToken(text);
            return !string.IsNullOrEmpty(token.Issuer);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            return false;
        }
    }

    static string? Claim(JsonWebToken token, string name) =>
        token.TryGetPayloadValue<string>(name, out var value) && value.Length > 0 ? value : null;

    [LoggerMessage(3021, LogLevel.Warning, "The provider {Provider} could not be asked for its keys")]
    static partial void LogUnreachable(ILogger logger, string provider, Exception failure);

    [LoggerMessage(3022, LogLevel.Information, "A web identity token of {Provider} was refused")]
    static partial void LogRefused(ILogger logger, string provider, Exception? failure);
}
