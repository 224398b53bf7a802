using System.Net;
using System.Security.Cryptography;
using Harima.Faults;
using Harima.Gateway;
using Harima.S3.Checksums;
using Harima.Sequences;

namespace Harima.Storage;

public sealed class StoreContractInTree(SqliteHarima harima) : StoreContractTests(harima);

public sealed class StoreContractInTreeOnPostgres(PostgresHarima harima) : StoreContractTests(harima);

public sealed class StoreContractOnHarima(HarimaOnHarima harima) : StoreContractTests(harima);

public sealed class StoreContractOnRadosgw(HarimaOnRadosgw harima) : StoreContractTests(harima);

/// <summary>What every store owes to the catalogue, whether bytes lie in the tree or in another S3 store.</summary>
public abstract class StoreContractTests(RunningHarima harima) : GatewayTests(harima)
{
    protected T Get<T>()
        where T : notnull => Harima.Get<T>();

    static Identity.Principal Who => RunningHarima.PrincipalOf("leader");

    Task<DataFile> PutAsync(string key, byte[] bytes, BodyExpectation? expected = null, Stream? body = null) =>
        Get<AddFile>()
            .HandleAsync(
                new AddFileRequest(
                    Bucket,
                    key,
                    Expected: expected ?? new BodyExpectation { LengthBytes = bytes.Length }
                ),
                body ?? new MemoryStream(bytes),
                Who,
                Token
            );

    async Task<byte[]> ReadAsync(string key)
    {
        using var file = await Get<FileQueries>().OpenAsync(Who, Bucket, key, Token);
        await using var stream = file.ReadAll();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    static byte[] Random(int sizeBytes) => RandomNumberGenerator.GetBytes(sizeBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(256 * 1024)]
    [InlineData(256 * 1024 + 1)]
    [InlineData((5 << 20) + 1)]
    [InlineData(11_111_111)]
    public async Task What_was_stored_is_read_again_whole_and_in_pieces(int sizeBytes)
    {
        var (key, bytes) = (NewSequence() + "/a.bin", Random(sizeBytes));

        var file = await PutAsync(key, bytes);

        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), file.ETag);
        Assert.Equal(bytes, await ReadAsync(key));
        using var opened = await Get<FileQueries>().OpenAsync(Who, Bucket, key, Token);
        foreach (var from in new[] { sizeBytes / 2, 0, sizeBytes - 1 }.Where(from => from >= 0 && sizeBytes > 0))
        {
            var piece = new byte[Math.Min(1000, sizeBytes - from)];
            for (int done = 0, read; done < piece.Length; done += read)
            {
                read = await opened.Bytes.ReadAsync(piece.AsMemory(done), from + done, Token);
                Assert.True(read > 0);
            }
            Assert.Equal(bytes.AsSpan(from, piece.Length).ToArray(), piece);
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(6 << 20)]
    public async Task A_body_of_unknown_length_is_stored_too(int sizeBytes)
    {
        var (key, bytes) = (NewSequence() + "/a.bin", Random(sizeBytes));

        await PutAsync(key, bytes, BodyExpectation.None);

        Assert.Equal(bytes, await ReadAsync(key));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3 << 20)]
    [InlineData(6 << 20)]
    public async Task A_body_that_is_not_what_was_announced_leaves_what_was_there(int sizeBytes)
    {
        var key = NewSequence() + "/a.bin";
        var before = Random(500);
        await PutAsync(key, before);
        var (bytes, expected) = (Random(sizeBytes), new BodyExpectation { LengthBytes = sizeBytes });

        await RefusedAsync(FaultCode.ChecksumMismatch, bytes, expected with { Md5 = new byte[16] });
        await RefusedAsync(FaultCode.ChecksumMismatch, bytes, expected with { Sha256Hex = new string('0', 64) });
        await RefusedAsync(FaultCode.Incomplete, bytes, expected with { LengthBytes = sizeBytes + 1 });
        await RefusedAsync(FaultCode.Incomplete, bytes, expected with { LengthBytes = sizeBytes - 1 });

        Assert.Equal(before, await ReadAsync(key));
        await RequireNothingElseAsync(key, 1);

        async Task RefusedAsync(FaultCode code, byte[] sent, BodyExpectation said) =>
            Assert.Equal(code, (await Assert.ThrowsAsync<FaultException>(() => PutAsync(key, sent, said))).Code);
    }

    [Theory]
    [InlineData(2 << 20)]
    [InlineData(12 << 20)]
    public async Task A_client_that_goes_away_leaves_nothing(int sizeBytes)
    {
        var key = NewSequence() + "/a.bin";

        await Assert.ThrowsAnyAsync<IOException>(() =>
            PutAsync(
                key,
                [],
                new BodyExpectation { LengthBytes = sizeBytes },
                new BreakingStream(Random(sizeBytes / 4 * 3))
            )
        );

        (await SendAsync("leader", "GET", $"/{Bucket}/{key}")).IsRefused(404, "NoSuchKey");
        await RequireNothingElseAsync(key, 0);
    }

    [Fact]
    public async Task What_is_replaced_or_removed_goes_and_its_room_comes_back()
    {
        var sequence = NewSequence();
        for (var n = 0; n < 3; n++)
            await PutAsync(sequence + "/a", Random(700_000));
        await PutAsync(sequence + "/b", Random(10));
        await Leader.DeleteObjectAsync(Bucket, sequence + "/b", Token);

        await RequireNothingElseAsync(sequence + "/a", 1);
    }

    [Fact]
    public async Task A_reader_who_opened_before_an_overwrite_gets_the_old_bytes_or_none()
    {
        var (key, old) = (NewSequence() + "/a.bin", Random(300_000));
        await PutAsync(key, old);
        using var opened = await Get<FileQueries>().OpenAsync(Who, Bucket, key, Token);
        await opened.Bytes.ExpectAsync(0, old.Length, Token);

        await PutAsync(key, Random(300_000));

        await using var stream = opened.ReadAll();
        var read = new byte[old.Length];
        try
        {
            await stream.ReadExactlyAsync(read, Token);
            Assert.Equal(old, read);
        }
        catch (FaultException refusal)
        {
            // Only where the store lets go at once, as it is set here.
            Assert.Equal(FaultCode.Damaged, refusal.Code);
            Assert.False(Harima.HasTree);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ChecksumAlgorithm.Sha256)]
    public async Task A_copy_has_the_bytes_and_checksums_of_its_source(ChecksumAlgorithm? algorithm)
    {
        var (sequence, bytes) = (NewSequence(), Random(2_000_000));
        var source = await PutAsync(sequence + "/a", bytes);

        var copy = await Get<CopyFile>()
            .HandleAsync(
                new CopyFileRequest(Bucket, sequence + "/a", Bucket, sequence + "/b", Algorithm: algorithm),
                Who,
                Token
            );
        await Leader.DeleteObjectAsync(Bucket, sequence + "/a", Token);

        Assert.Equal((source.Crc64Nvme, source.Crc32, source.ETag), (copy.Crc64Nvme, copy.Crc32, copy.ETag));
        Assert.Equal(bytes, await ReadAsync(sequence + "/b"));
        if (algorithm is not null)
            Assert.Equal(Convert.ToBase64String(SHA256.HashData(bytes)), copy.ChecksumValue);
    }

    [Fact]
    public async Task A_copy_larger_than_a_store_copies_at_once_is_put_together_from_parts()
    {
        // Of 25 MiB and more here, of 5 GiB and more at S3 and Ceph.
        var (sequence, bytes) = (NewSequence(), Random(31_111_111));
        var source = await PutAsync(sequence + "/a", bytes);

        var copy = await Get<CopyFile>()
            .HandleAsync(new CopyFileRequest(Bucket, sequence + "/a", Bucket, sequence + "/b"), Who, Token);

        Assert.Equal((source.ETag, source.Crc64Nvme), (copy.ETag, copy.Crc64Nvme));
        Assert.Equal(bytes, await ReadAsync(sequence + "/b"));
        if (Harima is S3BackedHarima backed)
            // Sent in parts of 5 MiB, and copied in such: both objects are of six.
            Assert.All(
                await backed.ObjectsOfAsync(sequence, Token),
                entry => Assert.EndsWith("-6", entry.ETag.Trim('"'), StringComparison.Ordinal)
            );
        await RequireNothingElseAsync(sequence + "/a", files: 2);
    }

    [Fact]
    public async Task An_upload_whose_completion_was_refused_can_be_completed_again()
    {
        var key = NewSequence() + "/a";
        var uploads = Get<MultipartUploads>();
        var upload = await uploads.BeginAsync(new BeginUploadRequest(Bucket, key), Who, Token);
        byte[][] bodies = [Random(5 << 20), Random(100)];
        var parts = new List<CompletedPart>();
        foreach (var body in bodies)
        {
            var part = await uploads.AddPartAsync(
                Who,
                Bucket,
                key,
                upload.Id,
                parts.Count + 1,
                new MemoryStream(body),
                new BodyExpectation { LengthBytes = body.Length },
                Token
            );
            parts.Add(new CompletedPart(part.Number, part.ETag));
        }
        var request = new CompleteUploadRequest(Bucket, key, upload.Id, parts);

        var refusal = await Assert.ThrowsAsync<FaultException>(() =>
            uploads.CompleteAsync(request with { Condition = new FileCondition(IfMatch: "no") }, Who, Token)
        );
        Assert.Equal(FaultCode.NotFound, refusal.Code);
        var file = await uploads.CompleteAsync(request, Who, Token);

        Assert.Equal(bodies.SelectMany(body => body), await ReadAsync(key));
        Assert.Equal(file.ModifiedAt, (await uploads.CompleteAsync(request, Who, Token)).ModifiedAt);
        await RequireNothingElseAsync(key, 1);
    }

    [Fact]
    public async Task An_upload_that_is_aborted_leaves_nothing()
    {
        var key = NewSequence() + "/a";
        var id = await Leader.CreateMultipartUploadAsync(Bucket, key, null, Token);
        await Leader.UploadPartAsync(Bucket, key, id, 1, new MemoryStream(Random(300_000)), 300_000, Token);

        await Leader.AbortMultipartUploadAsync(Bucket, key, id, Token);

        (await SendAsync("leader", "GET", $"/{Bucket}/{key}?uploadId={id}")).IsRefused(404, "NoSuchUpload");
        await RequireNothingElseAsync(key, 0);
    }

    [Fact]
    public async Task Only_browsers_with_a_link_are_sent_to_the_store_and_get_the_same_bytes()
    {
        var (key, bytes) = (NewSequence() + "/figure.png", Random(1_500_000));
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{Bucket}/{key}",
                new ByteArrayContent(bytes),
                ("content-type", "image/png")
            )
        ).IsOk();
        var link = Leader.Presign(HttpMethod.Get, Bucket, key, TimeSpan.FromHours(1));

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(link, "aws-sdk-java")).StatusCode);
        var browser = await GetAsync(link, "Mozilla/5.0");

        if (Harima.HasTree)
        {
            Assert.Equal(HttpStatusCode.OK, browser.StatusCode);
            return;
        }
        Assert.Equal(HttpStatusCode.TemporaryRedirect, browser.StatusCode);
        Assert.Equal("no-store", browser.Headers.CacheControl?.ToString());
        var there = await GetAsync(browser.Headers.Location!, "Mozilla/5.0");
        Assert.Equal(bytes, await there.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("image/png", there.Content.Headers.ContentType?.ToString());
        // Whoever signs in a header would send it to the store as well, which refuses two signatures.
        (
            await SendAsync("leader", "GET", $"/{Bucket}/{key}", (HttpContent?)null, ("user-agent", "Mozilla/5.0"))
        ).IsOk();
    }

    async Task<HttpResponseMessage> GetAsync(Uri address, string agent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        return await Harima.Http.SendAsync(request, Token);
    }

    /// <summary>In the other store there are, after a while, only the objects of the files that are there.</summary>
    async Task RequireNothingElseAsync(string key, int files)
    {
        if (Harima is not S3BackedHarima backed)
            return;
        var sequence = key.Split('/')[0];
        var (objects, uploads) = (0, 0);
        for (var n = 0; n < 6_000; n++)
        {
            objects = (await backed.ObjectsOfAsync(sequence, Token)).Count;
            uploads = await backed.UnfinishedAsync(sequence, Token);
            if ((objects, uploads) == (files, 0))
                return;
            await Task.Delay(50, Token);
        }
        Assert.Fail(
            $"{objects} objects and {uploads} unfinished uploads are in the store, but there are {files} files."
        );
    }

    /// <summary>A connection that breaks.</summary>
    sealed class BreakingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position == Length
                ? throw new IOException("The client has gone.")
                : base.ReadAsync(buffer, cancellationToken);
    }
}
