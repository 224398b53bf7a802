using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using Harima.S3.Checksums;

namespace Harima.S3.Client;

/// <summary>A body in aws-chunked form whose checksum follows it: computed while it is sent, never read twice.</summary>
sealed class AwsChunkedContent : HttpContent
{
    const int ChunkBytes = 1 << 20;

    readonly Stream _source;
    readonly long _length;
    readonly ChecksumAlgorithm _algorithm;

    public AwsChunkedContent(Stream source, long lengthBytes, ChecksumAlgorithm algorithm)
    {
        _source = source;
        _length = lengthBytes;
        _algorithm = algorithm;
        Headers.TryAddWithoutValidation("Content-Encoding", "aws-chunked");
        Headers.TryAddWithoutValidation(
            "x-amz-decoded-content-length",
            lengthBytes.ToString(CultureInfo.InvariantCulture)
        );
        Headers.TryAddWithoutValidation("x-amz-trailer", algorithm.Header());
    }

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
        using var accumulator = new ChecksumAccumulator([_algorithm]);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (var remaining = _length; remaining > 0; )
            {
                var chunk = (int)Math.Min(remaining, ChunkBytes);
                await _source.ReadExactlyAsync(buffer.AsMemory(0, chunk), cancellationToken).ConfigureAwait(false);
                accumulator.Append(buffer.AsSpan(0, chunk));
                await stream.WriteAsync(ChunkHeader(chunk), cancellationToken).ConfigureAwait(false);
                await stream.WriteAsync(buffer.AsMemory(0, chunk), cancellationToken).ConfigureAwait(false);
                await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
                remaining -= chunk;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        Checksum = accumulator.Find(_algorithm);
        await stream.WriteAsync(Trailer(Checksum!.Value.Value), cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        var whole = _length / ChunkBytes;
        var rest = (int)(_length % ChunkBytes);
        length = _length + whole * (ChunkHeader(ChunkBytes).Length + 2);
        if (rest > 0)
            length += ChunkHeader(rest).Length + 2;
        var base64Length = (_algorithm.SizeBytes() + 2) / 3 * 4;
        length += Trailer(new string('=', base64Length)).Length;
        return true;
    }

    static byte[] ChunkHeader(int size) =>
        Encoding.ASCII.GetBytes(size.ToString("x", CultureInfo.InvariantCulture) + "\r\n");

    byte[] Trailer(string checksum) => Encoding.ASCII.GetBytes($"0\r\n{_algorithm.Header()}:{checksum}\r\n\r\n");
}
