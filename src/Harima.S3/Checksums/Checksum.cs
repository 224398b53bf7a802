using Harima.S3.Errors;

namespace Harima.S3.Checksums;

/// <summary>A checksum in S3's form: big-endian bytes, base64.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Value">Base64 of the raw value; a composite ends in <c>-N</c>.</param>
public readonly record struct Checksum(ChecksumAlgorithm Algorithm, string Value)
{
    /// <summary>Reads what a client sent.</summary>
    /// <exception cref="S3Exception">BadDigest when it is not base64 of the algorithm's length.</exception>
    public static Checksum Parse(ChecksumAlgorithm algorithm, string value)
    {
        Span<byte> raw = stackalloc byte[64];
        if (!Convert.TryFromBase64String(value, raw, out var written) || written != algorithm.SizeBytes())
        {
            throw S3Errors.BadDigest.With($"Value for {algorithm.Header()} header is invalid.");
        }
        return new Checksum(algorithm, value);
    }

    /// <summary>The raw bytes, big-endian for the CRCs.</summary>
    public byte[] ToBytes() => Convert.FromBase64String(Value);
}
