using System.Collections.Frozen;

namespace Harima.S3.Signing;

/// <summary>What a request says about its signer, read but not yet believed.</summary>
public abstract class SignedRequest
{
    // These say nothing about what the request does: clients and proxies add them after signing.
    static readonly FrozenSet<string> NeedNoSignature = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-trailer",
        "x-amz-user-agent",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha1",
        "x-amz-checksum-sha256",
        "x-amz-checksum-mode",
        "x-amz-cf-id"
    );

    private protected SignedRequest() { }

    /// <summary>Whose key signed it; the caller looks the secret up by it.</summary>
    public abstract string AccessKeyId { get; }

    /// <summary>The session token sent with temporary credentials, or null.</summary>
    public abstract string? SessionToken { get; }

    /// <summary>When it was signed.</summary>
    public abstract DateTimeOffset SignedAt { get; }

    /// <summary>True when the signature is in the query.</summary>
    public abstract bool IsPresigned { get; }

    /// <summary>What the signature says about the body.</summary>
    public abstract PayloadHash Payload { get; }

    /// <summary>Verifies the chunks of the body; null unless they are signed and the request has been verified.</summary>
    public ChunkSigner? Chunks { get; private protected set; }

    /// <summary>True when the signature covers this header.</summary>
    public abstract bool Covers(string header);

    /// <summary>
    /// The first <c>x-amz-</c> header which changes what the request does and which the signature does not cover, or
    /// null. Whoever holds a presigned URL could otherwise add, say, <c>x-amz-copy-source</c> and act with the signer's rights.
    /// </summary>
    public string? FindUncovered(IEnumerable<string> headers)
    {
        foreach (var header in headers)
        {
            if (
                header.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
                && !NeedNoSignature.Contains(header)
                && !Covers(header)
            )
            {
                return header;
            }
        }
        return null;
    }

    internal abstract void Verify(string secretKey, DateTimeOffset now, SigningKeys keys);
}
