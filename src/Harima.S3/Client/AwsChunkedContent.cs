using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Signing;

namespace Harima.S3.Client;

/// <summary>How a streamed upload is protected on its way. Either way the server refuses bytes that are not those that were sent.</summary>
public enum UploadIntegrity
{
    /// <summary>A checksum follows the body (<c>STREAMING-UNSIGNED-PAYLOAD-TRAILER</c>).</summary>
    Trailer,

    /// <summary>Each chunk is signed (<c>STREAMING-AWS4-HMAC-SHA256-PAYLOAD</c>): for servers that know no trailers, such as RGW 16.</summary>
    SignedChunks,
}

/// <summary>A body in aws-chunked form: with a checksum behind it, computed while it is sent, or with signed chunks.</summary>
sealed class AwsChunkedContent : HttpContent
{
    const int ChunkBytes = 1 << 20;

    readonly Stream _source;
    readonly long _length;

    // Null where the chunks are signed.
    readonly ChecksumAlgorithm? _algorithm;

    public AwsChunkedContent(Stream source, long lengthBytes, ChecksumAlgorithm? algorithm)
    {
        _source = source;
        _length = lengthBytes;
        _algorithm = algorithm;
        Headers.TryAddWithoutValidation("Content-Encoding", "aws-chunked");
        Headers.TryAddWithoutValidation(
            "x-amz-decoded-content-length",
            lengthBytes.ToString(CultureInfo.InvariantCulture)
        );
        if (algorithm is { } trailing)
            Headers.TryAddWithoutValidation("x-amz-trailer", trailing.Header());
    }

    /// <summary>What the signature of the request says about this body.</summary>
    public PayloadHash Payload => _algorithm is null ? PayloadHash.SignedChunks : PayloadHash.UnsignedTrailer;

    /// <summary>Signs the chunks, once the request is signed.</summary>
    public ChunkSigner? Signer { get; set; }

    /// <summary>The checksum of what was sent; null before the end.</summary>
    public Checksum? Checksum { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream,
        TransportContext? context,
        CancellationToken cancellationToken
    )
    {
        using var accumulator = _algorithm is { } algorithm ? new ChecksumAccumulator([algorithm]) : null;
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var remaining = _length; remaining > 0; )
            {
                var chunk = (int)Math.Min(remaining, ChunkBytes);
                await _source.ReadExactlyAsync(buffer.AsMemory(0, chunk), cancellationToken).ConfigureAwait(false);
                accumulator?.Append(buffer.AsSpan(0, chunk));
                await stream
                    .WriteAsync(ChunkHeader(chunk, SignatureOf(buffer.AsSpan(0, chunk))), cancellationToken)
                    .ConfigureAwait(false);
                await stream.WriteAsync(buffer.AsMemory(0, chunk), cancellationToken).ConfigureAwait(false);
                await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
                remaining -= chunk;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Checksum = _algorithm is { } known ? accumulator!.Find(known) : null;
        await stream.WriteAsync(End(Checksum?.Value, SignatureOf([])), cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        var signature = _algorithm is null ? new string('0', ChunkSigner.SignatureLength) : null;
        var whole = _length / ChunkBytes;
        var rest = (int)(_length % ChunkBytes);
        length = _length + whole * (ChunkHeader(ChunkBytes, signature).Length + 2);
        if (rest > 0)
            length += ChunkHeader(rest, signature).Length + 2;
        var base64Length = ((_algorithm?.SizeBytes() ?? 0) + 2) / 3 * 4;
        length += End(new string('=', base64Length), signature).Length;
        return true;
    }

    string? SignatureOf(ReadOnlySpan<byte> chunk)
    {
        if (_algorithm is not null)
            return null;
        Span<byte> sha = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(chunk, sha);
        return (Signer ?? throw new InvalidOperationException("The request was not signed.")).SignChunk(sha);
    }

    static byte[] ChunkHeader(int size, string? signature) =>
        Encoding.ASCII.GetBytes(
            size.ToString("x", CultureInfo.InvariantCulture)
                + (signature is null ? "" : ";chunk-signature=" + signature)
                + "\r\n"
        );

    byte[] End(string? checksum, string? signature) =>
        _algorithm is { } algorithm
            ? Encoding.ASCII.GetBytes($"0\r\n{algorithm.Header()}:{checksum}\r\n\r\n")
            : [.. ChunkHeader(0, signature), .. "\r\n"u8];
}
