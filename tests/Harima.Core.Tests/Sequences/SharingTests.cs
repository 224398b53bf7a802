using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Core.Tests.Sequences;

public sealed class SharingOnSqlite(SqliteFacility facility) : SharingTests(facility), IClassFixture<SqliteFacility>;

public sealed class SharingOnPostgres(PostgresFacility facility)
    : SharingTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class SharingTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<string> SequenceAsync()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1], TestFacility.Member);
        return id;
    }

    Task<User> ShareAsync(string id, string with, Right right, Principal? who = null) =>
        Get<ShareSequence>()
            .HandleAsync(new(TestFacility.Proposal, id, with, right), who ?? TestFacility.Leader, Token);

    async Task<Right> RightAsync(Principal who, string id)
    {
        try
        {
            return (await Get<SequenceQueries>().GetAsync(who, TestFacility.Proposal, id, Token)).MyRight;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return Right.None;
        }
    }

    [Fact]
    public async Task Rights_follow_from_the_roles_of_proposal_beamline_and_facility()
    {
        var id = await SequenceAsync();
        Assert.Equal(Right.Manage, await RightAsync(TestFacility.Leader, id));
        Assert.Equal(Right.Write, await RightAsync(TestFacility.Member, id));
        Assert.Equal(Right.Write, await RightAsync(TestFacility.Staff, id));
        Assert.Equal(Right.Manage, await RightAsync(TestFacility.Admin, id));
        Assert.Equal(Right.None, await RightAsync(TestFacility.Stranger, id));
        Assert.Equal(Right.None, await RightAsync(Principal.Anonymous, id));
    }

    [Fact]
    public async Task Asked_about_many_at_once_everybody_has_the_rights_they_have_one_by_one()
    {
        var (plain, shared, open) = (await SequenceAsync(), await SequenceAsync(), await SequenceAsync());
        await ShareAsync(shared, "stranger", Right.Manage);
        await Get<ShareSequence>()
            .SetVisibilityAsync(TestFacility.Proposal, open, Visibility.Everyone, TestFacility.Leader, Token);
        (string, string)[] names =
        [
            (TestFacility.Proposal, plain),
            (TestFacility.Proposal, "none"),
            (TestFacility.Proposal.ToLowerInvariant(), shared),
            ("2026Z0000", plain),
            (TestFacility.Proposal, open),
            (TestFacility.Proposal, plain),
        ];
        var access = Get<SequenceAccess>();
        var seen = 0;
        foreach (
            var who in new[]
            {
                TestFacility.Leader,
                TestFacility.Member,
                TestFacility.Staff,
                TestFacility.Admin,
                TestFacility.Stranger,
                Principal.Anonymous,
                TestFacility.Leader with
                {
                    Limit = new CredentialLimit(TestFacility.Proposal, open + "/", MayWrite: false),
                },
            }
        )
        {
            var many = await access.FindManyAsync(who, names, Token);
            for (var n = 0; n < names.Length; n++)
            {
                var one = await access.FindAsync(who, names[n].Item1, names[n].Item2, Token);
                Assert.Equal(
                    (one?.Sequence.Row, one?.Proposal.Id, one?.MyRight, one?.Visibility),
                    (many[n]?.Sequence.Row, many[n]?.Proposal.Id, many[n]?.MyRight, many[n]?.Visibility)
                );
                seen += one is null ? 0 : 1;
            }
        }
        // 4 each for those of the proposal, beamline and facility, 2 for the stranger, 1 for anybody, 1 for the limited.
        Assert.Equal(20, seen);
    }

    [Theory]
    [InlineData("member", FaultCode.Forbidden)]
    [InlineData("staff", FaultCode.Forbidden)]
    [InlineData("stranger", FaultCode.NotFound)]
    public async Task Others_are_refused_and_nothing_is_given(string who, FaultCode expected)
    {
        var id = await SequenceAsync();
        var principal = new Principal(who, "test");
        var fault = await RefusedAsync(() => ShareAsync(id, "stranger", Right.Read, principal));
        Assert.Equal(expected, fault.Code);
        Assert.Equal(Right.None, await RightAsync(TestFacility.Stranger, id));
        Assert.Equal(
            expected,
            (
                await RefusedAsync(() =>
                    Get<ShareSequence>()
                        .SetVisibilityAsync(TestFacility.Proposal, id, Visibility.Everyone, principal, Token)
                )
            ).Code
        );
    }

    [Fact]
    public async Task Sharing_by_e_mail_gives_changes_and_takes_back_at_once()
    {
        var id = await SequenceAsync();
        await ShareAsync(id, "Stranger@Example.JP", Right.Read);
        Assert.Equal(Right.Read, await RightAsync(TestFacility.Stranger, id));
        Assert.Equal([1], await Facility.ReadAsync(id + "/a", TestFacility.Stranger));
        Assert.Equal(
            FaultCode.Forbidden,
            (await RefusedAsync(() => Facility.PutAsync(id + "/b", [1], TestFacility.Stranger))).Code
        );
        await ShareAsync(id, "stranger", Right.Manage);
        await ShareAsync(id, "staff", Right.Manage, TestFacility.Stranger);
        await ShareAsync(id, "stranger", Right.None);
        Assert.Equal(Right.None, await RightAsync(TestFacility.Stranger, id));
        Assert.Equal(
            FaultCode.NotFound,
            (await RefusedAsync(() => Facility.ReadAsync(id + "/a", TestFacility.Stranger))).Code
        );
        Assert.Equal(Right.Manage, await RightAsync(TestFacility.Staff, id));
    }

    [Fact]
    public async Task The_table_says_who_may_what_and_why()
    {
        var id = await SequenceAsync();
        await ShareAsync(id, "stranger", Right.Read);
        var entries = await Get<SequenceAccess>().EntriesAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal(
            [
                ("admin", Right.Manage, Roles.Admin, false),
                ("leader", Right.Manage, Roles.Leader, false),
                ("member", Right.Write, Roles.Member, false),
                ("staff", Right.Write, Roles.Staff, false),
                ("stranger", Right.Read, Roles.Shared, true),
            ],
            entries.Select(entry => (entry.UserId, entry.Right, entry.Role, entry.Removable))
        );
    }

    [Fact]
    public async Task Everyone_includes_those_who_are_not_logged_in_until_it_is_limited_again()
    {
        var id = await SequenceAsync();
        var share = Get<ShareSequence>();
        await share.SetVisibilityAsync(TestFacility.Proposal, id, Visibility.Everyone, TestFacility.Leader, Token);
        Assert.Equal([1], await Facility.ReadAsync(id + "/a", Principal.Anonymous));
        await share.SetVisibilityAsync(TestFacility.Proposal, id, Visibility.Limited, TestFacility.Leader, Token);
        Assert.Equal(Right.None, await RightAsync(Principal.Anonymous, id));
    }

    [Fact]
    public async Task Session_credentials_reach_no_further_than_their_limit()
    {
        var (id, other) = (await SequenceAsync(), await SequenceAsync());
        var secret = await Get<AccessKeys>()
            .CreateSessionAsync(
                TestFacility.Leader,
                new CredentialLimit(TestFacility.Bucket, id + "/", MayWrite: true),
                null,
                Token
            );
        var limited = (await Get<AccessKeys>().FindAsync(secret.Key.Id, Token))!.Principal;
        await Facility.PutAsync(id + "/b", [2], limited);
        Assert.Equal(
            FaultCode.Forbidden,
            (await RefusedAsync(() => Facility.PutAsync(other + "/b", [2], limited))).Code
        );
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => Facility.ReadAsync(other + "/a", limited))).Code);
        Assert.Equal(
            FaultCode.Forbidden,
            (await RefusedAsync(() => ShareAsync(id, "stranger", Right.Read, limited))).Code
        );
        var listing = await Get<FileQueries>()
            .ListAsync(limited, TestFacility.Bucket, new(other, null, null, 10), Token);
        Assert.Empty(listing.Entries);
    }

    [Fact]
    public async Task Members_see_what_changed_but_not_who_was_given_which_right()
    {
        var id = await SequenceAsync();
        await ShareAsync(id, "stranger", Right.Read);
        var set = Get<SetMetadata>();
        await set.HandleAsync(
            TestFacility.Proposal,
            id,
            MetadataKind.Sample,
            """{"sample":[]}""",
            TestFacility.Member,
            Token
        );
        var queries = Get<SequenceQueries>();
        var leader = await queries.HistoryAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        var member = await queries.HistoryAsync(TestFacility.Member, TestFacility.Proposal, id, null, 10, Token);
        Assert.Equal(
            ["metadata.changed", "access.given", "file.added", "sequence.opened"],
            leader.Items.Select(item => item.Action)
        );
        Assert.DoesNotContain(member.Items, item => item.Action.StartsWith("access.", StringComparison.Ordinal));
    }
}
