using System.Buffers;
using System.Security.Cryptography;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>What the signature says about the body.</summary>
public enum PayloadKind
{
    /// <summary><c>UNSIGNED-PAYLOAD</c>: nothing.</summary>
    UnsignedPayload,

    /// <summary>The SHA-256 of the body in hex.</summary>
    Sha256,

    /// <summary><c>STREAMING-AWS4-HMAC-SHA256-PAYLOAD</c>: aws-chunked, each chunk signed.</summary>
    SignedChunks,

    /// <summary><c>STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER</c>: each chunk signed, and the trailer.</summary>
    SignedChunksWithTrailer,

    /// <summary><c>STREAMING-UNSIGNED-PAYLOAD-TRAILER</c>: aws-chunked with a trailer, nothing signed.</summary>
    UnsignedChunksWithTrailer,
}

/// <summary>The value of <c>x-amz-content-sha256</c>.</summary>
/// <param name="Kind">What it says.</param>
/// <param name="Value">The value as sent, which is what goes into the canonical request.</param>
public readonly record struct PayloadHash(PayloadKind Kind, string Value)
{
    static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The value for a body the signature says nothing about.</summary>
    public static readonly PayloadHash UnsignedPayload = new(PayloadKind.UnsignedPayload, "UNSIGNED-PAYLOAD");

    /// <summary>The value for no body.</summary>
    public static readonly PayloadHash Empty = new(
        PayloadKind.Sha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );

    /// <summary>The value for an aws-chunked body with a trailer and no signatures.</summary>
    public static readonly PayloadHash UnsignedTrailer = new(
        PayloadKind.UnsignedChunksWithTrailer,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
    );

    /// <summary>The value for an aws-chunked body whose chunks are signed.</summary>
    public static readonly PayloadHash SignedChunks = new(
        PayloadKind.SignedChunks,
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    );

    /// <summary>The value for a body that is known before it is sent.</summary>
    public static PayloadHash Of(ReadOnlySpan<byte> body) =>
        new(PayloadKind.Sha256, Convert.ToHexStringLower(SHA256.HashData(body)));

    /// <summary>True when the body is aws-chunked.</summary>
    public bool IsChunked => Kind >= PayloadKind.SignedChunks;

    /// <summary>True when checksums follow the body.</summary>
    public bool HasTrailer => Kind is PayloadKind.SignedChunksWithTrailer or PayloadKind.UnsignedChunksWithTrailer;

    /// <summary>True when each chunk carries a signature.</summary>
    public bool HasSignedChunks => Kind is PayloadKind.SignedChunks or PayloadKind.SignedChunksWithTrailer;

    /// <summary>Reads the header's value.</summary>
    /// <exception cref="S3Exception">InvalidArgument for anything unknown.</exception>
    public static PayloadHash Parse(string value) =>
        value switch
        {
            "UNSIGNED-PAYLOAD" => UnsignedPayload,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => new(PayloadKind.SignedChunks, value),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => new(PayloadKind.SignedChunksWithTrailer, value),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => UnsignedTrailer,
            _ when value.Length == 64 && !value.AsSpan().ContainsAnyExcept(HexDigits) => new(PayloadKind.Sha256, value),
            _ => throw S3Errors.InvalidArgument.With(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                    + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value."
            ),
        };
}
