using Harima.Catalogue;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>What a crash can leave between two writes, made by hand, and a start that mends it.</summary>
public sealed class ReconcileTests : IAsyncLifetime
{
    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Staging => Path.Combine(_facility.Files, ".harima", "staging");

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    [Fact]
    public async Task A_committed_file_that_was_not_yet_renamed_is_served_at_once_and_placed_at_the_next_start()
    {
        await _facility.PutAsync("S1/a", [1]);
        var file = await _facility.PutAsync("S1/a", [2, 2]);
        var tree = Path.Combine(_facility.Files, TestFacility.Proposal, "S1", "a");
        // Back to the moment after the commit: the new bytes staged, the old ones in place.
        File.Move(tree, Path.Combine(Staging, file.Blob));
        await File.WriteAllBytesAsync(tree, [1], Token);
        Assert.Equal([2, 2], await _facility.ReadAsync("S1/a"));

        await _facility.StopAsync();
        await _facility.StartAsync();

        Assert.Equal([2, 2], await File.ReadAllBytesAsync(tree, Token));
        Assert.Equal([2, 2], await _facility.ReadAsync("S1/a"));
        Assert.Empty(Directory.GetFiles(Staging));
    }

    [Fact]
    public async Task A_file_that_was_deleted_in_the_catalogue_only_is_gone_from_disk_at_the_next_start()
    {
        await _facility.PutAsync("S1/sub/a", [1]);
        var tree = Path.Combine(_facility.Files, TestFacility.Proposal, "S1", "sub", "a");
        await _facility
            .Get<RemoveFile>()
            .HandleAsync(TestFacility.Bucket, "S1/sub/a", null, TestFacility.Leader, Token);
        Directory.CreateDirectory(Path.GetDirectoryName(tree)!);
        await File.WriteAllBytesAsync(tree, [1], Token);

        await _facility.StopAsync();
        await _facility.StartAsync();

        Assert.False(File.Exists(tree));
    }

    [Fact]
    public async Task Staged_bytes_that_nothing_refers_to_are_removed_once_they_are_old_and_others_stay()
    {
        var old = Path.Combine(Staging, "0123456789abcdef0123456789abcdef");
        await File.WriteAllBytesAsync(old, [1], Token);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-3));
        var young = Path.Combine(Staging, "ffff456789abcdef0123456789abcdef");
        await File.WriteAllBytesAsync(young, [1], Token);
        var uploads = _facility.Get<MultipartUploads>();
        var upload = await uploads.BeginAsync(new(TestFacility.Bucket, "S1/big"), TestFacility.Leader, Token);
        await uploads.AddPartAsync(
            TestFacility.Leader,
            TestFacility.Bucket,
            "S1/big",
            upload.Id,
            1,
            new MemoryStream([7]),
            new BodyExpectation { LengthBytes = 1 },
            Token
        );
        var part = Path.Combine(Staging, upload.Blob);
        File.SetLastWriteTimeUtc(part, DateTime.UtcNow.AddDays(-3));

        await _facility
            .Get<FileStore>()
            .RemoveOrphansAsync(_facility.Get<Database>(), DateTimeOffset.UtcNow.AddDays(-1), Token);

        Assert.Equal(new[] { young, part }.Order(), Directory.GetFiles(Staging).Order());
    }
}
