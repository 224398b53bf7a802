using Harima.S3.Errors;
using Harima.S3.Sts;

namespace Harima.Formats.S3.Sts;

/// <summary>Policies that credentials can be limited to exactly, and those they cannot.</summary>
public class SessionPolicyTests
{
    static string Policy(string action, string resource, string more = "") =>
        $$"""{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": {{action}}, "Resource": {{resource}}}{{more}}]}""";

    [Theory]
    [InlineData("""["s3:PutObject"]""", "\"arn:aws:s3:::b/p/*\"")]
    [InlineData("""["s3:GetObject", "s3:PutObject"]""", "\"arn:aws:s3:::b/p/*\"")]
    [InlineData("\"s3:ListBucket\"", "\"arn:aws:s3:::b\"")]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::b/p\"")]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::b/*/p*\"")]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::b/${aws:username}/*\"")]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::*\"")]
    [InlineData("\"s3:GetObject\"", "\"*\"")]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::b*/p/*\"")]
    [InlineData("\"s3:GetObject\"", """["arn:aws:s3:::b/p/*", "arn:aws:s3:::b/q/*"]""")]
    [InlineData("\"s3:GetObject\"", """["arn:aws:s3:::b/p/*", "arn:aws:s3:::c"]""")]
    [InlineData("[]", "\"arn:aws:s3:::b/p/*\"")]
    [InlineData("\"sts:*\"", "\"arn:aws:s3:::b/p/*\"")]
    [InlineData("1", "\"arn:aws:s3:::b/p/*\"")]
    public void What_cannot_be_kept_to_exactly_is_refused(string action, string resource) =>
        IsRefused(Policy(action, resource));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Statement": []}""")]
    [InlineData("""{"Statement": "x"}""")]
    [InlineData("""{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/p/*"}]}""")]
    [InlineData(
        """{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/p/*", "Condition": {}}]}"""
    )]
    [InlineData("""{"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:s3:::b/p/*"}]}""")]
    [InlineData("""{"Statement": [{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/p/*"}]}""")]
    public void Documents_of_another_form_are_refused(string json) => IsRefused(json);

    [Fact]
    public void A_long_policy_is_refused() =>
        IsRefused(Policy("\"s3:*\"", "\"arn:aws:s3:::b/p/*\"") + new string(' ', 2048));

    [Theory]
    [InlineData("\"s3:GetObject\"", "\"arn:aws:s3:::b/S0042/*\"", "S0042/", false)]
    [InlineData("""["s3:Get*", "s3:List*"]""", "\"arn:aws:s3:::b/S0042/raw*\"", "S0042/raw", false)]
    [InlineData("""["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]""", "\"arn:aws:s3:::b/*\"", "", true)]
    [InlineData("\"s3:*\"", """["arn:aws:s3:::b", "arn:aws:s3:::b/S1/*"]""", "S1/", true)]
    [InlineData("\"*\"", "\"arn:aws:s3:::b/試料/*\"", "試料/", true)]
    public void What_can_be_kept_to_is_read(string action, string resource, string prefix, bool mayWrite) =>
        Assert.Equal(new SessionPolicy("b", prefix, mayWrite), SessionPolicy.Parse(Policy(action, resource)));

    [Fact]
    public void Statements_are_taken_together()
    {
        const string list =
            """, {"Sid": "l", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b"]}""";
        const string write =
            """, {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::b/p/*"}""";
        var policy = SessionPolicy.Parse(Policy("\"s3:GetObject\"", "\"arn:aws:s3:::b/p/*\"", list + write));
        Assert.Equal(new SessionPolicy("b", "p/", true), policy);
    }

    // Writing allowed on the bucket as such is not writing of its objects.
    [Fact]
    public void Actions_on_the_bucket_do_not_count_for_its_objects()
    {
        const string bucket = """, {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b"}""";
        Assert.False(SessionPolicy.Parse(Policy("\"s3:GetObject\"", "\"arn:aws:s3:::b/p/*\"", bucket)).MayWrite);
    }

    static void IsRefused(string json) =>
        Assert.Equal("MalformedPolicyDocument", Assert.Throws<S3Exception>(() => SessionPolicy.Parse(json)).Code);
}
