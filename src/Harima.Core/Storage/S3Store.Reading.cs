using System.Buffers;
using System.IO.Hashing;
using Harima.Faults;
using Harima.S3.Checksums;
using Harima.S3.Client;
using Harima.S3.Errors;

namespace Harima.Storage;

public sealed partial class S3Store
{
    static readonly TimeSpan RedirectLifetime = TimeSpan.FromMinutes(15);

    internal override StoredBytes? TryOpen(string folder, DataFile file) =>
        new S3Bytes(this, NameOf(folder, file.Key, file.Blob), file);

    // Nobody touches an object; there is nothing to look at twice.
    internal override StoredBytes? TryOpenByContent(string folder, DataFile file) => null;

    internal override Uri? AddressFor(
        StoredBytes bytes,
        string userAgent,
        IReadOnlyList<(string Name, string? Value)> answer
    ) =>
        _options.Redirect
        && bytes is S3Bytes from
        && _options
            .RedirectAgents.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Any(agent => userAgent.StartsWith(agent, StringComparison.OrdinalIgnoreCase))
            ? _public.Presign(HttpMethod.Get, BucketName, from.Name, RedirectLifetime, [.. answer])
            : null;

    internal override async ValueTask<FoundFile?> FindForCheckAsync(
        string folder,
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        var name = NameOf(folder, file.Key, file.Blob);
        var head = await AskAsync(token => _client.FindObjectAsync(BucketName, name, token), cancellationToken);
        return head is null ? null : new FoundObject(this, name, file, head.SizeBytes);
    }

    /// <summary>Asks for a stretch of an object.</summary>
    async Task<ObjectBody> GetAsync(
        string name,
        DataFile file,
        long offsetBytes,
        long lengthBytes,
        CancellationToken cancellationToken
    )
    {
        ByteRange? range =
            offsetBytes == 0 && lengthBytes == file.SizeBytes
                ? null
                : new ByteRange(offsetBytes, offsetBytes + lengthBytes - 1);
        // The patience is for the answer to begin; the body may take its time.
        return await AskAsync(token => _client.GetObjectAsync(BucketName, name, range, null, token), cancellationToken);
    }

    /// <summary>An object that is asked for when the first of its bytes are wanted.</summary>
    sealed class S3Bytes(S3Store store, string name, DataFile file) : StoredBytes
    {
        const int UnaskedBytes = 1 << 20;

        ObjectBody? _body;
        long _position;
        long _end;

        public string Name => name;

        public override async ValueTask ExpectAsync(
            long offsetBytes,
            long lengthBytes,
            CancellationToken cancellationToken
        )
        {
            Close();
            if (lengthBytes <= 0)
                return;
            try
            {
                _body = await store.GetAsync(name, file, offsetBytes, lengthBytes, cancellationToken);
            }
            catch (S3Exception answer) when (answer.Code is "NoSuchKey" or "InvalidRange")
            {
                throw Damaged();
            }
            if (_body.Head.SizeBytes != file.SizeBytes)
                throw Damaged();
            (_position, _end) = (offsetBytes, offsetBytes + lengthBytes);
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            long offsetBytes,
            CancellationToken cancellationToken
        )
        {
            const int Attempts = 3;
            for (var attempt = 1; ; attempt++)
            {
                if (_body is null || offsetBytes != _position || _position == _end)
                {
                    // Nobody has said what comes next: somebody who looks here and there.
                    var end =
                        offsetBytes < _end && attempt > 1
                            ? _end
                            : Math.Min(file.SizeBytes, offsetBytes + Math.Max(buffer.Length, UnaskedBytes));
                    if (offsetBytes >= end)
                        return 0;
                    await ExpectAsync(offsetBytes, end - offsetBytes, cancellationToken);
                }
                try
                {
                    var read = await _body!.Content.ReadAsync(buffer, cancellationToken);
                    if (read == 0)
                        throw new IOException("The store ended the object early.");
                    _position += read;
                    return read;
                }
                catch (Exception broken) when (broken is IOException or HttpRequestException && attempt < Attempts)
                {
                    // Once more, from here on.
                    _body?.Dispose();
                    _body = null;
                }
                catch (Exception broken) when (broken is IOException or HttpRequestException)
                {
                    throw store.Translate(broken);
                }
            }
        }

        FaultException Damaged()
        {
            store._damaged.Suspect(file);
            return DamagedFiles.Refusal(file.Key);
        }

        void Close()
        {
            _body?.Dispose();
            _body = null;
        }

        protected override void Dispose(bool disposing) => Close();
    }

    /// <summary>An object that is looked at: its bytes are asked for stretch by stretch, as slowly as the scrubber goes.</summary>
    sealed class FoundObject(S3Store store, string name, DataFile file, long sizeBytes)
        : FoundFile(sizeBytes, sizeBytes == file.SizeBytes)
    {
        const int InputOutputError = 5;

        public override async ValueTask<(long LengthBytes, Checksum Crc64)> ReadAsync(
            long offsetBytes,
            long lengthBytes,
            CancellationToken cancellationToken
        )
        {
            var crc = new Crc64(Crc64ParameterSet.Nvme);
            var buffer = ArrayPool<byte>.Shared.Rent(SmallBytes);
            long total = 0;
            try
            {
                using var body = await store.GetAsync(name, file, offsetBytes, lengthBytes, cancellationToken);
                int read;
                while (total < lengthBytes && (read = await body.Content.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    crc.Append(buffer.AsSpan(0, read));
                    total += read;
                }
            }
            catch (S3Exception gone) when (gone.Code is "NoSuchKey" or "InvalidRange")
            {
                // Deleted at this very moment; whoever asked looks at the row again.
            }
            catch (FaultException fault) when (fault.InnerException is S3Exception { Status: 500 })
            {
                // Not the store, if it can say something else: this object.
                if (await store.IsThereAsync(cancellationToken))
                    throw new IOException(fault.Message, InputOutputError);
                throw;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
            return (total, PosixStore.ToChecksum(crc));
        }

        public override void Dispose() { }
    }
}
