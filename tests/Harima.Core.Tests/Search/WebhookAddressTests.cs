using Harima.Search;
using Harima.Search.Saved;
using Microsoft.Extensions.Options;

namespace Harima.Core.Tests.Search;

public sealed class WebhookAddressTests
{
    static WebhookAddress Webhooks(params string[] hosts) =>
        new(Options.Create(new SearchOptions { WebhookHosts = [.. hosts] }));

    [Theory]
    [InlineData("http://example.org/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://user:secret@example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.org/")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public void An_address_within_the_facility_is_refused(string? target) =>
        Assert.Equal("webhook-address", Assert.Throws<Faults.FaultException>(() => Webhooks().Require(target)).Reason);

    [Fact]
    public void The_open_network_and_what_the_facility_allows_are_not()
    {
        Webhooks().Require("https://example.org:8443/hook?x=1");
        Webhooks("127.0.0.1").Require("http://127.0.0.1:5000/hook");
    }

    [Fact]
    public async Task A_name_that_leads_into_the_facility_is_not_followed()
    {
        using var client = Webhooks().CreateClient();
        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() =>
            client.GetAsync(new Uri("https://localhost:1/"), TestContext.Current.CancellationToken)
        );
        Assert.Contains("open network", refusal.ToString(), StringComparison.Ordinal);
    }
}
