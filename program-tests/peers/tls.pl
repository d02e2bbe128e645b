# IO::Socket::SSL: `server PORT CERT KEY VERSION` serves two connections, `client PORT CA HOST VERSION`
# makes them, the second with the first one's session. Each line comes back in capitals.
use strict;
use warnings;
use IO::Socket::SSL;

my ($role, $port, @rest) = @ARGV;
$| = 1;

sub mapped {
    open my $maps, '<', '/proc/self/maps' or die;
    my %seen = map { $_ => 1 } map { m{(/\S*/libssl\.so\S*)} } <$maps>;
    print "libssl $_\n" for sort keys %seen;
}

if ($role eq 'server') {
    my ($cert, $key, $version) = @rest;
    my $listener = IO::Socket::SSL->new(
        Listen => 2, LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp',
        SSL_server => 1, SSL_cert_file => $cert, SSL_key_file => $key, SSL_version => $version,
        SSL_alpn_protocols => ['capitals'], SSL_session_id_context => 'tls.pl',
    ) or die "listen: $SSL_ERROR";
    mapped();
    print "listening\n";
    for (1 .. 2) {
        my $peer = $listener->accept or die "accept: $SSL_ERROR";
        print 'server ', join(' ', $peer->get_sslversion, $peer->get_servername // 'none',
            $peer->alpn_selected, $peer->get_session_reused), "\n";
        while (defined(my $line = <$peer>)) {
            print $peer uc $line;
        }
        $peer->close;
    }
} else {
    my ($ca, $host, $version) = @rest;
    my $context = IO::Socket::SSL::SSL_Context->new(
        SSL_ca_file => $ca, SSL_verify_mode => SSL_VERIFY_PEER, SSL_version => $version,
        SSL_alpn_protocols => ['capitals'], SSL_session_cache_size => 4,
    ) or die "context: $SSL_ERROR";
    for (1 .. 2) {
        my $peer = IO::Socket::SSL->new(
            PeerAddr => '127.0.0.1', PeerPort => $port, SSL_reuse_ctx => $context,
            SSL_hostname => $host, SSL_verifycn_name => $host, SSL_verifycn_scheme => 'http',
            SSL_session_key => 'tls.pl',
        ) or die "connect: $SSL_ERROR";
        print $peer "some text\n";
        my $line = <$peer>;
        print 'client ', join(' ', $peer->get_sslversion, $peer->peer_certificate('cn'),
            $peer->alpn_selected, $peer->get_session_reused), " $line";
        $peer->close;
    }
    mapped();
}
