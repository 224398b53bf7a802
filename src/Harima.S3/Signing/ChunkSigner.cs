using System.Security.Cryptography;
using System.Text;

namespace Harima.S3.Signing;

/// <summary>Signs or verifies the chunks of an aws-chunked body: each signature covers the one before it.</summary>
/// <remarks>Source: AWS, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".</remarks>
public sealed class ChunkSigner
{
    /// <summary>Length of a signature in hex digits.</summary>
    public const int SignatureLength = 64;

    readonly byte[] _key;
    readonly string _timestamp;
    readonly CredentialScope _scope;

    // Invariant: the hex signature of the chunk before, or of the request before the first.
    readonly byte[] _previous;

    /// <summary>Starts at the request's own signature.</summary>
    /// <param name="signingKey">The signing key of the scope, 32 bytes.</param>
    /// <param name="timestamp">The request's date as <c>yyyyMMddTHHmmssZ</c>.</param>
    /// <param name="scope">The credential scope.</param>
    /// <param name="seedSignature">The request's signature in hex.</param>
    public ChunkSigner(byte[] signingKey, string timestamp, CredentialScope scope, string seedSignature)
    {
        _key = signingKey;
        _timestamp = timestamp;
        _scope = scope;
        _previous = Encoding.ASCII.GetBytes(seedSignature);
    }

    /// <summary>Signs the next chunk and returns the hex signature.</summary>
    /// <param name="chunkSha256">SHA-256 of the chunk's bytes, 32 bytes.</param>
    public string SignChunk(ReadOnlySpan<byte> chunkSha256)
    {
        Advance("AWS4-HMAC-SHA256-PAYLOAD\n"u8, chunkSha256, withEmptyHash: true);
        return Encoding.ASCII.GetString(_previous);
    }

    /// <summary>Signs the trailer and returns the hex signature.</summary>
    /// <param name="trailerSha256">SHA-256 of the trailer's lines, each as <c>name:value\n</c>.</param>
    public string SignTrailer(ReadOnlySpan<byte> trailerSha256)
    {
        Advance("AWS4-HMAC-SHA256-TRAILER\n"u8, trailerSha256, withEmptyHash: false);
        return Encoding.ASCII.GetString(_previous);
    }

    /// <summary>True when this is the signature of the next chunk.</summary>
    public bool VerifyChunk(ReadOnlySpan<byte> chunkSha256, ReadOnlySpan<byte> hexSignature)
    {
        Advance("AWS4-HMAC-SHA256-PAYLOAD\n"u8, chunkSha256, withEmptyHash: true);
        return CryptographicOperations.FixedTimeEquals(_previous, hexSignature);
    }

    /// <summary>True when this is the signature of the trailer.</summary>
    public bool VerifyTrailer(ReadOnlySpan<byte> trailerSha256, ReadOnlySpan<byte> hexSignature)
    {
        Advance("AWS4-HMAC-SHA256-TRAILER\n"u8, trailerSha256, withEmptyHash: false);
        return CryptographicOperations.FixedTimeEquals(_previous, hexSignature);
    }

    void Advance(ReadOnlySpan<byte> algorithm, ReadOnlySpan<byte> sha256, bool withEmptyHash)
    {
        var text = new ByteBuffer(stackalloc byte[512]);
        text.Append(algorithm);
        text.AppendLatin1(_timestamp);
        text.Append((byte)'\n');
        SigV4Request.AppendScope(ref text, _scope);
        text.Append((byte)'\n');
        text.Append(_previous);
        text.Append((byte)'\n');
        if (withEmptyHash)
        {
            text.AppendLatin1(PayloadHash.Empty.Value);
            text.Append((byte)'\n');
        }
        text.AppendHex(sha256);
        Span<byte> signature = stackalloc byte[32];
        HMACSHA256.HashData(_key, text.Written, signature);
        Convert.TryToHexStringLower(signature, _previous.AsSpan(), out _);
        text.Dispose();
    }
}
