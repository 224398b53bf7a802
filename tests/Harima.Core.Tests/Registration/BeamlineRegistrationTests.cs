using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.Registration;

namespace Harima.Core.Tests.Registration;

public sealed class BeamlineRegistrationOnSqlite(SqliteFacility facility)
    : BeamlineRegistrationTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class BeamlineRegistrationOnPostgres(PostgresFacility facility)
    : BeamlineRegistrationTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>The staff of a beamline register below its folders; everything else does not exist for them.</summary>
public abstract class BeamlineRegistrationTests(TestFacility facility) : RegisteringTests(facility)
{
    string NewBeamlineFolder()
    {
        var folder = Path.Combine(Facility.Storage, "bl14b2", NewId());
        Directory.CreateDirectory(folder);
        return folder;
    }

    [Fact]
    public async Task Staff_register_scan_and_remove_below_their_folder()
    {
        var (folder, id) = (NewBeamlineFolder(), NewId());
        Write(folder, "a");
        var request = new RegisterRequest(folder, TestFacility.Proposal, id);
        Assert.Equal(1, (await Get<RegisterFolder>().PreviewAsync(request, TestFacility.Staff, Token)).Files);
        var tree = await Get<RegisterFolder>().HandleAsync(request, TestFacility.Staff, Token);
        tree = await WorkAsync(tree.Id);
        Assert.Equal(("staff", 1), (tree.RequestedBy, tree.FilesAdded));
        Assert.Equal("measured", await ReadAsync($"{id}/a", TestFacility.Member));

        await Get<RescanFolder>().HandleAsync(tree.Id, TestFacility.Staff, Token);
        await WorkAsync(tree.Id);
        Assert.Empty(
            (await Get<RegistrationQueries>().FindingsAsync(tree.Id, TestFacility.Staff, null, 10, Token)).Items
        );
        Assert.Contains(await ListedAsync(TestFacility.Staff), one => one == tree.Id);
        Assert.Equal(
            [Path.Combine(Facility.Storage, "bl14b2")],
            await Get<RegistrationQueries>().RootsAsync(TestFacility.Staff, Token)
        );
        await Get<RemoveRegistration>().HandleAsync(tree.Id, TestFacility.Staff, Token);
    }

    [Fact]
    public async Task What_is_not_theirs_is_refused_as_what_does_not_exist()
    {
        var (own, id) = (NewBeamlineFolder(), NewId());
        Write(own, "a");
        await Get<CreateBeamline>().HandleAsync(new($"BL{id}", "Other", "他", []), Admin, Token);
        await Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest(
                    $"2026B{id[1..]}",
                    "Another beamline's",
                    "他のビームライン",
                    $"BL{id}",
                    new DateOnly(2026, 4, 1),
                    new DateOnly(2026, 9, 30),
                    "leader",
                    // A member here; but staff of another beamline.
                    ["staff"]
                ),
                Admin,
                Token
            );
        var (elsewhere, missing) = (NewFolder(), Path.Combine(Facility.Storage, "bl14b2", "nothing"));
        Write(elsewhere, "a");

        (string Path, string Proposal, string Reason)[] refused =
        [
            (elsewhere, TestFacility.Proposal, "folder-not-there"),
            (missing, TestFacility.Proposal, "folder-not-there"),
            ("/etc", TestFacility.Proposal, "folder-not-there"),
            (
                own + "/../../" + Path.GetFileName(Path.GetDirectoryName(elsewhere)!),
                TestFacility.Proposal,
                "folder-not-there"
            ),
            (own, $"2026B{id[1..]}", "not-found"),
            (own, "2026A9999", "not-found"),
        ];
        foreach (var (path, proposal, reason) in refused)
        {
            var request = new RegisterRequest(path, proposal, id);
            Assert.Equal(
                reason,
                (
                    await RefusedAsync(() => Get<RegisterFolder>().PreviewAsync(request, TestFacility.Staff, Token))
                ).Reason
            );
            Assert.Equal(
                reason,
                (await RefusedAsync(() => Get<RegisterFolder>().HandleAsync(request, TestFacility.Staff, Token))).Reason
            );
        }

        // An administrator's, of another folder or into another beamline's proposal.
        var theirs = new[]
        {
            await RegisterAsync(elsewhere, NewId()),
            await ScannedAsync(new RegisterRequest(own, $"2026B{id[1..]}", id)),
        };
        foreach (var tree in theirs)
        {
            Func<Task>[] asked =
            [
                () => Get<RegistrationQueries>().GetAsync(tree.Id, TestFacility.Staff, Token),
                () => Get<RegistrationQueries>().FindingsAsync(tree.Id, TestFacility.Staff, null, 10, Token),
                () => Get<RescanFolder>().HandleAsync(tree.Id, TestFacility.Staff, Token),
                () => Get<RescanFolder>().CancelAsync(tree.Id, TestFacility.Staff, Token),
                () => Get<RescanFolder>().ContinueAsync(tree.Id, TestFacility.Staff, Token),
                () => Get<RemoveRegistration>().HandleAsync(tree.Id, TestFacility.Staff, Token),
            ];
            foreach (var ask in asked)
                Assert.Equal(FaultCode.NotFound, (await RefusedAsync(ask)).Code);
            Assert.DoesNotContain(tree.Id, await ListedAsync(TestFacility.Staff));
            Assert.Contains(tree.Id, await ListedAsync(Admin));
        }
        // Nor are their files counted.
        Assert.True(
            await Get<RegistrationQueries>().WithoutSumsAsync(TestFacility.Staff, Token)
                <= await Get<RegistrationQueries>().WithoutSumsAsync(Admin, Token) - 2
        );
    }

    [Fact]
    public async Task Nobody_but_staff_gains_anything()
    {
        var folder = NewBeamlineFolder();
        foreach (
            var who in new[] { TestFacility.Leader, TestFacility.Member, TestFacility.Stranger, Principal.Anonymous }
        )
        {
            Assert.Equal(
                "facility-only",
                (
                    await RefusedAsync(() =>
                        Get<RegisterFolder>().PreviewAsync(new(folder, TestFacility.Proposal), who, Token)
                    )
                ).Reason
            );
            Assert.False(await Get<RegistrationQueries>().MayRegisterAsync(who, Token));
        }
        Assert.True(await Get<RegistrationQueries>().MayRegisterAsync(TestFacility.Staff, Token));
    }

    async Task<List<string>> ListedAsync(Principal who) =>
        [.. (await Get<RegistrationQueries>().ListAsync(who, null, 500, Token)).Items.Select(tree => tree.Id)];
}
