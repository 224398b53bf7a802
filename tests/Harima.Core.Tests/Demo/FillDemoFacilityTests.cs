using System.Text;
using System.Text.Json;
using Harima.Access;
using Harima.Identity;
using Harima.Metadata;
using Harima.Proposals;
using Harima.Sequences;

namespace Harima.Demo;

[Collection(nameof(FilledFacility))]
public sealed class FillDemoFacilityTests(FilledFacility facility)
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_is_there_and_below_300_MB()
    {
        var proposals = await facility.Get<ProposalQueries>().ListAsync(Principal.System, null, null, 100, Token);
        Assert.Equal(6, proposals.Items.Count);
        Assert.Equal(30, proposals.Items.Sum(proposal => proposal.SequenceCount));
        Assert.Equal(4, (await facility.Get<ProposalQueries>().BeamlinesAsync(Token)).Count);
        Assert.InRange(proposals.Items.Sum(proposal => proposal.SizeBytes), 100_000_000, 300_000_000);
    }

    [Fact]
    public void It_said_what_it_did()
    {
        Assert.Contains(facility.Progress, line => line.Contains("[30/30]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sequences_are_closed_but_for_those_in_progress()
    {
        var all = await ListAsync(Principal.System, new SequenceFilter());
        Assert.Equal(30, all.Count);
        Assert.Equal(DemoSequences.All.Count(s => s.StaysOpen), all.Count(s => s.State == SequenceState.Open));
        Assert.All(all, sequence => Assert.True(sequence.FileCount > 0, sequence.Id));
    }

    [Fact]
    public async Task A_stranger_sees_the_one_sequence_that_is_for_everyone()
    {
        var seen = Assert.Single(await ListAsync(As("stranger"), new SequenceFilter()));
        Assert.Equal(("2026A1234", "S0001-lab6-calibration"), (seen.ProposalId, seen.Id));
    }

    [Fact]
    public async Task The_member_sees_the_proposals_they_belong_to_and_what_was_shared_with_them()
    {
        var seen = await ListAsync(As("member"), new SequenceFilter());
        Assert.Equal(["2026A1187", "2026A1234", "2026A1419"], seen.Select(s => s.ProposalId).Distinct().Order());
        Assert.Equal("S0002-hewl-run1", Assert.Single(seen, s => s.ProposalId == "2026A1419").Id);
    }

    [Fact]
    public async Task Everybody_logs_in_with_the_password_and_the_key_of_the_file()
    {
        Assert.Equal(10, facility.Credentials.Users.Count);
        foreach (var login in facility.Credentials.Users)
        {
            var user = await facility.Get<Users>().SignInAsync(login.Name, login.Password, Token);
            Assert.Equal(login.Name, user.Id);
            var identity = await facility.Get<AccessKeys>().FindAsync(login.AccessKey, Token);
            Assert.Equal(login.SecretKey, identity!.SecretKey);
            Assert.Equal(login.Name, identity.Principal.UserId);
        }

        Assert.Equal(10, facility.Credentials.Users.Select(login => login.Password).Distinct().Count());
    }

    [Fact]
    public void The_file_has_the_shape_that_scripts_rely_on_and_only_its_owner_reads_it()
    {
        var path = Path.Combine(facility.Folder, "demo-credentials.json");
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        string[] members = ["portal", "s3", "region", "proposals", "users"];
        Assert.Equal(members, json.RootElement.EnumerateObject().Select(member => member.Name));
        var leader = json
            .RootElement.GetProperty("users")
            .EnumerateArray()
            .Single(u => u.GetProperty("name").GetString() == "leader");
        string[] ofUser = ["name", "role", "password", "accessKey", "secretKey", "proposals"];
        Assert.Equal(ofUser, leader.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["2026A1234", "2026A1187", "2025B1077"],
            leader.GetProperty("proposals").EnumerateArray().Select(id => id.GetString())
        );
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task Files_are_what_the_virtual_beamline_made_and_lie_in_place()
    {
        foreach (var id in new[] { "S0001-lab6-calibration", "S0001-pt-foil", "S0001-si-standard" })
        {
            var sequence = DemoSequences.All.Single(s => s.Id == id);
            foreach (var file in sequence.Experiment.Files(sequence))
            {
                var key = $"{id}/{file.Path}";
                var row = await facility.Get<FileQueries>().GetAsync(As("admin"), sequence.Proposal.Id, key, Token);
                Assert.Equal(file.ContentType, row.ContentType);
                var path = await facility
                    .Get<FileQueries>()
                    .PathOnStorageAsync(As("admin"), sequence.Proposal.Id, key, Token);
                Assert.Equal(file.Content, await File.ReadAllBytesAsync(path!, Token));
            }
        }
    }

    [Fact]
    public async Task Every_sequence_has_both_metadata_documents()
    {
        foreach (var sequence in DemoSequences.All)
        {
            var documents = await facility
                .Get<MetadataQueries>()
                .OfAsync(Principal.System, sequence.Proposal.Id, sequence.Id, Token);
            Assert.Equal([MetadataKind.Measurement, MetadataKind.Sample], documents.Select(d => d.Kind).Order());
            Assert.All(documents, document => Assert.Equal(sequence.Owner, document.ChangedBy));
        }
    }

    [Fact]
    public async Task Those_given_manage_may_share_further()
    {
        var view = await facility.Get<SequenceAccess>().GetAsync(As("yamamoto"), "2025B1456", "S0003-fe-foil", Token);
        Assert.Equal(Right.Manage, view.MyRight);
    }

    [Fact]
    public async Task A_facility_that_is_filled_is_left_alone_and_only_its_address_follows()
    {
        var before = await ListAsync(Principal.System, new SequenceFilter());
        var lines = new List<string>();
        var moved = EmptyFacility.Address with { Portal = "http://localhost:18080" };
        var again = await facility.Get<FillDemoFacility>().HandleAsync(moved, lines.Add, Token);
        Assert.Empty(lines);
        Assert.Equal("http://localhost:18080", again!.Portal);
        Assert.Equal(facility.Credentials.Users.Select(u => u.Password), again.Users.Select(u => u.Password));
        var text = await File.ReadAllTextAsync(Path.Combine(facility.Folder, "demo-credentials.json"), Token);
        Assert.Contains("http://localhost:18080", text, StringComparison.Ordinal);
        await facility.Get<FillDemoFacility>().HandleAsync(EmptyFacility.Address, lines.Add, Token);
        Assert.Equivalent(before, await ListAsync(Principal.System, new SequenceFilter()));
    }

    async Task<IReadOnlyList<SequenceSummary>> ListAsync(Principal principal, SequenceFilter filter) =>
        (
            await facility
                .Get<SequenceQueries>()
                .ListAsync(principal, filter, SequenceOrder.Id, descending: false, cursor: null, limit: 100, Token)
        ).Items;

    static Principal As(string id) => new(id, "test");
}

/// <summary>Fillings that do not go straight through; with the small sequences only, because it is the order that matters.</summary>
public abstract class BrokenOffFillingTests(EmptyFacility facility) : IAsyncLifetime
{
    static readonly DemoSequence[] Small = [.. DemoSequences.All.Where(sequence => sequence.Experiment is DemoXafs)];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(facility.Missing is not null, facility.Missing ?? "");
        await facility.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await facility.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public async Task A_filling_that_was_broken_off_goes_on_at_the_next_start(int afterLines)
    {
        using var stop = new CancellationTokenSource();
        var lines = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            FillAsync(
                _ =>
                {
                    if (Interlocked.Increment(ref lines) == afterLines)
                        stop.Cancel();
                },
                stop.Token
            )
        );
        Assert.False(File.Exists(Path.Combine(facility.Folder, "demo-credentials.json")));

        await facility.StopAsync();
        await facility.StartAsync();
        var credentials = await FillAsync(_ => { }, Token);
        var all = await facility
            .Get<SequenceQueries>()
            .ListAsync(Principal.System, new SequenceFilter(), SequenceOrder.Id, false, null, 100, Token);
        Assert.Equal(Small.Length, all.Items.Count);
        foreach (var sequence in Small)
        {
            var stored = all.Items.Single(s => s.ProposalId == sequence.Proposal.Id && s.Id == sequence.Id);
            var files = sequence.Experiment.Files(sequence).ToArray();
            Assert.Equal((files.Length, files.Sum(f => (long)f.Content.Length)), (stored.FileCount, stored.SizeBytes));
            Assert.Equal(sequence.StaysOpen, stored.State == SequenceState.Open);
        }

        var leader = credentials!.Users.Single(user => user.Name == "leader");
        await facility.Get<Users>().SignInAsync("leader", leader.Password, Token);
        Assert.Single(await facility.Get<AccessKeys>().ListAsync(new Principal("leader", "test"), Token));
    }

    [Fact]
    public async Task Afacility_with_a_proposal_of_its_own_gets_no_demo()
    {
        await facility.Get<Users>().CreateAsync("someone", "Someone", null, "a password", Token);
        await facility
            .Get<CreateBeamline>()
            .HandleAsync(new CreateBeamlineRequest("BL01", "Own", "自前", []), Principal.System, Token);
        var day = new DateOnly(2026, 4, 1);
        await facility
            .Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest("2026A0001", "Own", "自前", "BL01", day, day, "someone", []),
                Principal.System,
                Token
            );
        Assert.Null(await FillAsync(_ => { }, Token));
        Assert.Null(await facility.Get<Users>().FindAsync("leader", Token));
        Assert.False(File.Exists(Path.Combine(facility.Folder, "demo-credentials.json")));
    }

    [Fact]
    public async Task Damaged_credentials_stop_nothing()
    {
        await FillAsync(_ => { }, Token);
        await File.WriteAllTextAsync(Path.Combine(facility.Folder, "demo-credentials.json"), "{", Encoding.UTF8, Token);
        Assert.Null(await FillAsync(_ => { }, Token));
    }

    Task<DemoCredentials?> FillAsync(Action<string> report, CancellationToken cancellationToken) =>
        facility.Get<FillDemoFacility>().HandleAsync(EmptyFacility.Address, Small, report, cancellationToken);
}

public sealed class BrokenOffFillingOnSqliteTests() : BrokenOffFillingTests(new EmptyFacility());

public sealed class BrokenOffFillingOnPostgresTests() : BrokenOffFillingTests(new EmptyPostgresFacility());
