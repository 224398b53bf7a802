using Harima.Sequences;
using Harima.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Harima.Core.Tests.Storage;

/// <summary>Uploads nobody finishes give their bytes back; a part that still arrives cannot harm the object.</summary>
public sealed class AbandonedUploadTests : IAsyncLifetime
{
    static readonly TimeSpan Lifetime = new StorageOptions().UploadLifetime;

    readonly SqliteFacility _facility = new();
    readonly TurnedClock _clock = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    MultipartUploads Multipart => _facility.Get<MultipartUploads>();

    string Staging => Path.Combine(_facility.Files, ".harima", "staging");

    long StagedBytes => new DirectoryInfo(Staging).EnumerateFiles().Sum(file => file.Length);

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    async Task<string> BeginAsync(string key) =>
        (await Multipart.BeginAsync(new(TestFacility.Bucket, key), TestFacility.Leader, Token)).Id;

    Task<UploadPart> PartAsync(string key, string id, int number, Stream body, long length) =>
        Multipart.AddPartAsync(
            TestFacility.Leader,
            TestFacility.Bucket,
            key,
            id,
            number,
            body,
            new BodyExpectation { LengthBytes = length },
            Token
        );

    Task<UploadPart> PartAsync(string key, string id, int number, byte[] bytes) =>
        PartAsync(key, id, number, new MemoryStream(bytes), bytes.Length);

    async Task SweepAsync()
    {
        using var worker = new StorageWorker(
            _facility.Get<FileStore>(),
            _facility.Get<Uploads>(),
            _facility.Get<PosixStore>(),
            _facility.Get<Harima.Catalogue.Database>(),
            _clock,
            _facility.Get<IOptions<StorageOptions>>(),
            NullLogger<StorageWorker>.Instance
        );
        await worker.SweepAsync(Token);
    }

    [Fact]
    public async Task An_upload_that_received_nothing_for_its_lifetime_expires_and_its_bytes_come_back()
    {
        var old = await BeginAsync("S1/old");
        await PartAsync("S1/old", old, 1, new byte[600_000]);
        // Larger than the first part, so it gets a file of its own; so does a part that is sent again.
        await PartAsync("S1/old", old, 2, new byte[700_000]);
        await PartAsync("S1/old", old, 1, new byte[500_000]);
        Assert.True(StagedBytes >= 1_800_000, $"{StagedBytes}");

        _clock.Now += Lifetime - TimeSpan.FromHours(1);
        await SweepAsync();
        Assert.True(StagedBytes >= 1_800_000, $"{StagedBytes}");
        Assert.Single((await Multipart.ListAsync(TestFacility.Leader, TestFacility.Bucket, "", null, null, 10, Token)));

        _clock.Now += TimeSpan.FromHours(2);
        await SweepAsync();

        Assert.Equal(0, StagedBytes);
        Assert.Empty(Directory.GetFiles(Staging));
        Assert.Empty((await Multipart.ListAsync(TestFacility.Leader, TestFacility.Bucket, "", null, null, 10, Token)));
        Assert.Equal("no-such-upload", (await LateAsync(old)).Reason);
    }

    async Task<Faults.FaultException> LateAsync(string id) =>
        await Assert.ThrowsAsync<Faults.FaultException>(() => PartAsync("S1/old", id, 3, new byte[10]));

    [Fact]
    public async Task More_uploads_than_one_round_looks_at_expire_together()
    {
        for (var n = 0; n < 1100; n++)
            await BeginAsync("S1/many");
        _clock.Now += Lifetime + TimeSpan.FromMinutes(1);

        await SweepAsync();

        Assert.Empty((await Multipart.ListAsync(TestFacility.Leader, TestFacility.Bucket, "", null, null, 10, Token)));
    }

    [Fact]
    public async Task An_upload_whose_last_part_is_young_stays_however_long_ago_it_began()
    {
        var id = await BeginAsync("S1/slow");
        await _facility
            .Get<Harima.Catalogue.CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    Dapper.SqlMapper.Execute(
                        transaction.Connection!,
                        "UPDATE upload SET created_at = 0",
                        transaction: transaction
                    ),
                Token
            );
        await PartAsync("S1/slow", id, 1, new byte[10]);

        await SweepAsync();
        await PartAsync("S1/slow", id, 2, new byte[10]);

        _clock.Now += Lifetime + TimeSpan.FromMinutes(1);
        await SweepAsync();
        Assert.Empty(Directory.GetFiles(Staging));
    }

    [Fact]
    public async Task A_part_that_is_still_arriving_when_the_upload_is_completed_cannot_change_the_object()
    {
        var id = await BeginAsync("S1/a");
        byte[] first = [.. Enumerable.Range(0, 6 << 20).Select(n => (byte)(n * 7))];
        var stored = await PartAsync("S1/a", id, 1, first);
        var late = new HeldBody(new byte[first.Length], heldAt: first.Length / 2);
        var arriving = PartAsync("S1/a", id, 2, late, first.Length);
        await late.Held;

        var file = await Multipart.CompleteAsync(
            new CompleteUploadRequest(TestFacility.Bucket, "S1/a", id, [new CompletedPart(1, stored.ETag)]),
            TestFacility.Leader,
            Token
        );
        late.Release();
        var refused = await Assert.ThrowsAsync<Faults.FaultException>(() => arriving);

        Assert.Equal("no-such-upload", refused.Reason);
        Assert.Equal(first.Length, file.SizeBytes);
        Assert.Equal(first, await _facility.ReadAsync("S1/a"));
        Assert.Equal(
            first.Length,
            new FileInfo(Path.Combine(_facility.Files, TestFacility.Proposal, "S1", "a")).Length
        );
    }

    sealed class TurnedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>A body whose sender pauses in the middle.</summary>
    sealed class HeldBody(byte[] bytes, int heldAt) : MemoryStream(bytes)
    {
        readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Held => _held.Task;

        public void Release() => _released.TrySetResult();

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (Position >= heldAt)
            {
                _held.TrySetResult();
                await _released.Task.WaitAsync(cancellationToken);
            }
            return Read(buffer.Span[..Math.Min(buffer.Length, 1 << 16)]);
        }
    }
}
