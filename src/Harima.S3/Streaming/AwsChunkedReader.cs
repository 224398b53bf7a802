using System.Security.Cryptography;
using System.Text;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.S3.Streaming;

/// <summary>
/// Decodes an <c>aws-chunked</c> body while it is read. Chunk data goes straight to the caller's buffer and no chunk is
/// ever held whole; a signed chunk is verified with its last byte, before that byte is handed out.
/// </summary>
/// <remarks>
/// <code>
/// hex-size [;chunk-signature=hex64] CRLF  data CRLF     any number of times
/// 0        [;chunk-signature=hex64] CRLF                once
/// name:value CRLF                                       trailer, if announced
/// x-amz-trailer-signature:hex64 CRLF                    if the chunks are signed and there is a trailer
/// CRLF
/// </code>
/// Source: AWS, "Transferring Payload in Multiple Chunks" and "… with trailing headers".
/// </remarks>
public sealed class AwsChunkedReader : Stream
{
    // Longer than any line a client sends: size, extension and signature, or one checksum.
    const int MaxLineBytes = 4096;
    const int MaxTrailers = 16;

    readonly Stream _inner;
    readonly long _decodedLength;
    readonly ChunkSigner? _signer;
    readonly bool _expectsTrailer;
    readonly Dictionary<string, string> _trailers = new(StringComparer.OrdinalIgnoreCase);
    readonly IncrementalHash? _hash;

    // Bytes read from the inner stream and not yet used lie in _buffer[_start.._end].
    readonly byte[] _buffer = new byte[MaxLineBytes];
    int _start;
    int _end;

    // The signature announced for the chunk being read; empty when chunks are not signed.
    readonly byte[] _signature = new byte[ChunkSigner.SignatureLength];
    long _chunkRemaining;
    long _decoded;
    State _state = State.ChunkHeader;

    /// <summary>Decodes a body.</summary>
    /// <param name="inner">The body as it comes; not disposed with this.</param>
    /// <param name="decodedLength">The value of <c>x-amz-decoded-content-length</c>, in bytes.</param>
    /// <param name="signer">Verifies chunks; null when they are not signed.</param>
    /// <param name="expectsTrailer">True when trailers follow the last chunk.</param>
    public AwsChunkedReader(Stream inner, long decodedLength, ChunkSigner? signer, bool expectsTrailer)
    {
        _inner = inner;
        _decodedLength = decodedLength;
        _signer = signer;
        _expectsTrailer = expectsTrailer;
        _hash = signer is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    }

    enum State
    {
        ChunkHeader,
        ChunkData,
        ChunkEnd,
        Trailer,
        Done,
    }

    /// <summary>Trailing headers by name; complete once a read has returned 0.</summary>
    public IReadOnlyDictionary<string, string> Trailers => _trailers;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>The decoded length, as announced.</summary>
    public override long Length => _decodedLength;

    /// <inheritdoc/>
    public override long Position
    {
        get => _decoded;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads decoded bytes.</summary>
    /// <exception cref="S3Exception">IncompleteBody, InvalidChunkSizeError, MalformedTrailerError or SignatureDoesNotMatch.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            switch (_state)
            {
                case State.ChunkHeader:
                    ReadChunkHeader(await ReadLineAsync(cancellationToken).ConfigureAwait(false));
                    break;
                case State.ChunkData:
                    return await ReadChunkDataAsync(buffer, cancellationToken).ConfigureAwait(false);
                case State.ChunkEnd:
                    if ((await ReadLineAsync(cancellationToken).ConfigureAwait(false)).Length != 0)
                        throw S3Errors.InvalidChunkSizeError.With("A chunk does not end where its size says.");
                    _state = State.ChunkHeader;
                    break;
                case State.Trailer:
                    await ReadTrailerAsync(cancellationToken).ConfigureAwait(false);
                    await RequireEndAsync(cancellationToken).ConfigureAwait(false);
                    _state = State.Done;
                    break;
                default:
                    return 0;
            }
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    void ReadChunkHeader(ReadOnlyMemory<byte> line)
    {
        var header = line.Span;
        var semicolon = header.IndexOf((byte)';');
        var size = ParseSize(semicolon < 0 ? header : header[..semicolon]);
        if (size > _decodedLength - _decoded)
            throw S3Errors.IncompleteBody.With("The chunks hold more bytes than x-amz-decoded-content-length says.");
        if (_signer is not null)
        {
            var extension = semicolon < 0 ? default : header[(semicolon + 1)..];
            if (
                !extension.StartsWith("chunk-signature="u8)
                || extension.Length != "chunk-signature=".Length + ChunkSigner.SignatureLength
            )
            {
                throw S3Errors.SignatureDoesNotMatch.With("A chunk carries no chunk-signature of 64 hex digits.");
            }
            extension["chunk-signature=".Length..].CopyTo(_signature);
        }

        _chunkRemaining = size;
        if (size > 0)
        {
            _state = State.ChunkData;
            return;
        }
        VerifyChunk();
        if (_decoded != _decodedLength)
            throw S3Errors.IncompleteBody.With("The chunks hold fewer bytes than x-amz-decoded-content-length says.");
        _state = State.Trailer;
    }

    async ValueTask<int> ReadChunkDataAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.Length > _chunkRemaining)
            buffer = buffer[..(int)_chunkRemaining];
        int read;
        if (_start < _end)
        {
            read = Math.Min(buffer.Length, _end - _start);
            _buffer.AsMemory(_start, read).CopyTo(buffer);
            _start += read;
        }
        else
        {
            read = await _inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw S3Errors.IncompleteBody.With("The body ends within a chunk.");
        }
        _hash?.AppendData(buffer.Span[..read]);
        _decoded += read;
        _chunkRemaining -= read;
        if (_chunkRemaining == 0)
        {
            VerifyChunk();
            _state = State.ChunkEnd;
        }
        return read;
    }

    void VerifyChunk()
    {
        if (_signer is null)
            return;
        Span<byte> sha256 = stackalloc byte[32];
        _hash!.GetHashAndReset(sha256);
        if (!_signer.VerifyChunk(sha256, _signature))
            throw S3Errors.SignatureDoesNotMatch.With("The signature of a chunk does not match its bytes.");
    }

    async ValueTask ReadTrailerAsync(CancellationToken cancellationToken)
    {
        var trailerSignature = Array.Empty<byte>();
        while (true)
        {
            // Without a trailer the last line is empty; some clients leave even that out.
            var line = await ReadLineAsync(cancellationToken, mayEnd: true).ConfigureAwait(false);
            if (line.Length == 0)
                break;
            if (!_expectsTrailer)
                throw S3Errors.MalformedTrailerError.With("Trailing headers follow a body that announced none.");
            var colon = line.Span.IndexOf((byte)':');
            if (colon <= 0 || _trailers.Count == MaxTrailers)
                throw S3Errors.MalformedTrailerError.Exception();
            var name = Encoding.Latin1.GetString(line.Span[..colon]).Trim();
            var value = Encoding.Latin1.GetString(line.Span[(colon + 1)..]).Trim();
            if (_signer is not null && name.Equals("x-amz-trailer-signature", StringComparison.OrdinalIgnoreCase))
                trailerSignature = Encoding.ASCII.GetBytes(value);
            else if (_signer is not null && trailerSignature.Length > 0)
                throw S3Errors.MalformedTrailerError.With("A trailing header follows the trailer's signature.");
            else if (_trailers.TryAdd(name, value))
                _hash?.AppendData(Encoding.Latin1.GetBytes($"{name}:{value}\n"));
            else
                throw S3Errors.MalformedTrailerError.With($"The trailing header {name} comes twice.");
        }
        if (_signer is not null && _expectsTrailer)
            VerifyTrailer(trailerSignature);
    }

    void VerifyTrailer(byte[] signature)
    {
        Span<byte> sha256 = stackalloc byte[32];
        _hash!.GetHashAndReset(sha256);
        if (!_signer!.VerifyTrailer(sha256, signature))
            throw S3Errors.SignatureDoesNotMatch.With("The signature of the trailing headers does not match.");
    }

    // Anything but line ends behind the trailer would be bytes that were neither counted nor verified.
    async ValueTask RequireEndAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (_buffer.AsSpan(_start, _end - _start).ContainsAnyExcept((byte)'\r', (byte)'\n'))
                throw S3Errors.IncompleteBody.With("Bytes follow the end of the chunked body.");
            _start = _end;
        } while (await FillAsync(cancellationToken).ConfigureAwait(false));
    }

    static long ParseSize(ReadOnlySpan<byte> digits)
    {
        // 15 digits fit a long; S3's largest object needs 11.
        if (digits.IsEmpty || digits.Length > 15)
            throw S3Errors.InvalidChunkSizeError.Exception();
        long size = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit((char)digit))
                throw S3Errors.InvalidChunkSizeError.Exception();
            size = (size << 4) | (uint)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }
        return size;
    }

    /// <summary>The next line without its end, valid until the next read.</summary>
    async ValueTask<ReadOnlyMemory<byte>> ReadLineAsync(CancellationToken cancellationToken, bool mayEnd = false)
    {
        var searched = 0;
        while (true)
        {
            var feed = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + feed);
                _start += searched + feed + 1;
                return line.Length > 0 && line.Span[^1] == '\r' ? line[..^1] : line;
            }
            searched = _end - _start;
            if (searched == MaxLineBytes)
                throw S3Errors.InvalidChunkSizeError.With("A line of the chunked body is too long.");
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            {
                if (mayEnd && searched == 0)
                    return default;
                throw S3Errors.IncompleteBody.With("The body ends before its last chunk.");
            }
        }
    }

    async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        var read = await _inner.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Not offered: a body is read asynchronously.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
