using System.Security.Cryptography;
using System.Text;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>What a POST form says about who signed its policy; read but not yet believed.</summary>
/// <remarks>
/// Version 4: hex of HMAC-SHA256 with the scope's key over the policy's base64. Version 2: base64 of HMAC-SHA1 with the
/// secret over the same. Source: AWS, "Authenticating Requests in Browser-Based Uploads Using POST".
/// </remarks>
public sealed class PolicySignature
{
    readonly string _policy;
    readonly string _signature;

    // Null for Version 2.
    readonly CredentialScope? _scope;

    PolicySignature(string accessKeyId, string? sessionToken, string policy, string signature, CredentialScope? scope)
    {
        AccessKeyId = accessKeyId;
        SessionToken = sessionToken;
        _policy = policy;
        _signature = signature;
        _scope = scope;
    }

    /// <summary>Whose key signed it.</summary>
    public string AccessKeyId { get; }

    /// <summary>The session token sent with temporary credentials, or null.</summary>
    public string? SessionToken { get; }

    /// <summary>Reads the fields of a form; null when none of them speaks of a signature.</summary>
    /// <exception cref="S3Exception">InvalidArgument when one of several is missing, or of the wrong form.</exception>
    public static PolicySignature? Parse(IReadOnlyDictionary<string, string> fields)
    {
        var policy = fields.GetValueOrDefault("policy");
        var token = fields.GetValueOrDefault("x-amz-security-token");
        if (
            fields.ContainsKey("x-amz-signature")
            || fields.ContainsKey("x-amz-credential")
            || fields.ContainsKey("x-amz-algorithm")
        )
        {
            if (Required("x-amz-algorithm") != SigV4Request.Algorithm)
                throw S3Errors.InvalidArgument.With("x-amz-algorithm only supports \"AWS4-HMAC-SHA256\".");
            var credential = SigV4Request.ParseCredential(Required("x-amz-credential"), S3Errors.InvalidArgument);
            if (!Required("x-amz-date").StartsWith(credential.Scope.Date, StringComparison.Ordinal))
                throw S3Errors.InvalidArgument.With("The credential's date must be the day of x-amz-date.");
            return new PolicySignature(
                credential.AccessKeyId,
                token,
                Required("policy"),
                Required("x-amz-signature"),
                credential.Scope
            );
        }
        if (policy is null && !fields.ContainsKey("AWSAccessKeyId") && !fields.ContainsKey("signature"))
            return null;
        return new PolicySignature(
            Required("AWSAccessKeyId"),
            token,
            Required("policy"),
            Required("signature"),
            scope: null
        );

        string Required(string name) =>
            fields.GetValueOrDefault(name)
            ?? throw new S3Exception(
                S3Errors.InvalidArgument,
                $"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
            )
            {
                Details = [new("ArgumentName", name)],
            };
    }

    internal bool IsSignedBy(string secretKey, SigningKeys keys)
    {
        Span<byte> expected = stackalloc byte[32];
        Span<byte> given = stackalloc byte[32];
        var policy = Encoding.UTF8.GetBytes(_policy);
        if (_scope is { } scope)
        {
            HMACSHA256.HashData(keys.Get(secretKey, scope), policy, expected);
            return Convert.FromHexString(_signature, given, out _, out var digits)
                    == System.Buffers.OperationStatus.Done
                && CryptographicOperations.FixedTimeEquals(expected, given[..digits]);
        }
        var length = HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), policy, expected);
        return Convert.TryFromBase64String(_signature.Trim(), given, out var written)
            && CryptographicOperations.FixedTimeEquals(expected[..length], given[..written]);
    }
}
