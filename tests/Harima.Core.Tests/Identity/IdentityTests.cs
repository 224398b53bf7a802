using Harima.Faults;
using Harima.Identity;

namespace Harima.Core.Tests.Identity;

public sealed class IdentityOnSqlite(SqliteFacility facility) : IdentityTests(facility), IClassFixture<SqliteFacility>;

public sealed class IdentityOnPostgres(PostgresFacility facility)
    : IdentityTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class IdentityTests(TestFacility facility) : FacilityTests(facility)
{
    [Theory]
    [InlineData("leader", "wrong")]
    [InlineData("nobody", "correct horse leader")]
    [InlineData("", "")]
    public async Task Wrong_name_and_wrong_password_get_the_same_answer(string id, string password)
    {
        var fault = await RefusedAsync(() => Get<Users>().SignInAsync(id, password, Token));
        Assert.Equal((FaultCode.Unauthenticated, "wrong-password"), (fault.Code, fault.Reason));
    }

    [Theory]
    [InlineData("leader")]
    [InlineData(" LEADER ")]
    [InlineData("Leader@example.jp")]
    public async Task Id_and_e_mail_in_any_case_log_in(string id) =>
        Assert.Equal("leader", (await Get<Users>().SignInAsync(id, "correct horse leader", Token)).Id);

    [Fact]
    public async Task Guessing_locks_the_account_for_a_while_even_for_the_right_password()
    {
        var name = "guessed" + NewId().ToLowerInvariant();
        await Get<Users>().CreateAsync(name, "x", null, "right", Token);
        for (var n = 0; n < 10; n++)
            await RefusedAsync(() => Get<Users>().SignInAsync(name, "wrong", Token));
        var fault = await RefusedAsync(() => Get<Users>().SignInAsync(name, "right", Token));
        Assert.Equal(FaultCode.TooManyRequests, fault.Code);
    }

    [Fact]
    public async Task A_key_works_with_the_same_secret_until_it_is_revoked_by_its_owner()
    {
        var keys = Get<AccessKeys>();
        var made = await keys.CreateAsync(TestFacility.Leader, "laptop", Token);
        Assert.Equal((20, 40), (made.Key.Id.Length, made.SecretKey.Length));
        Assert.Equal(made.SecretKey, (await keys.FindAsync(made.Key.Id, Token))!.SecretKey);
        Assert.Equal(
            FaultCode.NotFound,
            (await RefusedAsync(() => keys.RevokeAsync(TestFacility.Member, made.Key.Id, Token))).Code
        );
        await keys.RevokeAsync(TestFacility.Leader, made.Key.Id, Token);
        Assert.Null(await keys.FindAsync(made.Key.Id, Token));
    }

    [Fact]
    public async Task The_list_of_keys_says_when_each_was_last_used()
    {
        var keys = Get<AccessKeys>();
        var made = await keys.CreateAsync(TestFacility.Staff, "terminal", Token);
        async Task<DateTimeOffset?> LastUsedAsync() =>
            (await keys.ListAsync(TestFacility.Staff, Token)).Single(key => key.Id == made.Key.Id).LastUsedAt;
        Assert.Null(await LastUsedAsync());
        keys.MarkUsed(made.Key.Id);
        await keys.RecordUseAsync(Token);
        Assert.True(await LastUsedAsync() >= made.Key.CreatedAt);
    }

    [Fact]
    public async Task A_token_speaks_for_its_person_until_it_is_revoked_and_altered_ones_never()
    {
        var tokens = Get<ApiTokens>();
        var (token, text) = await tokens.CreateAsync(TestFacility.Member, "cli", TimeSpan.FromDays(1), Token);
        Assert.Equal("member", (await tokens.FindAsync(text, Token))!.UserId);
        Assert.Null(await tokens.FindAsync(text[..^1] + (text[^1] == '0' ? '1' : '0'), Token));
        Assert.Null(await tokens.FindAsync("hmt_x_y", Token));
        await tokens.RevokeAsync(TestFacility.Member, token.Id, Token);
        Assert.Null(await tokens.FindAsync(text, Token));
    }

    [Fact]
    public async Task An_identity_of_another_institution_gets_one_account_and_never_somebody_elses()
    {
        var logins = Get<ExternalLogins>();
        var first = await logins.SignInAsync("https://idp.example", "sub-1", "leader", "L", "leader@example.jp", Token);
        Assert.NotEqual("leader", first.Id);
        Assert.Null(first.Email);
        var again = await logins.SignInAsync("https://idp.example", "sub-1", "renamed", "L", null, Token);
        Assert.Equal(first.Id, again.Id);
        var other = await logins.SignInAsync("https://other.example", "sub-1", "leader", "L", null, Token);
        Assert.NotEqual(first.Id, other.Id);
    }
}
