package redshift

import (
	"maps"
	"strings"
	"testing"
)

func managedCluster() Cluster {
	c := eventsCluster()
	c.ManagePassword = true
	return c
}

// A cluster and a namespace of one name and with one admin have one name for their secret.
func TestAManagedSecretOfAnotherIsNotTakenOver(t *testing.T) {
	w := newWorld(t)
	first, err := w.CreateNamespace(t.Context(), Namespace{Name: "events", ManagePassword: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(w.secrets)
	if _, err := w.CreateCluster(t.Context(), managedCluster(), ""); err == nil || !strings.Contains(err.Error(), "ResourceExistsException") {
		t.Errorf("a cluster beside the namespace is made: %v", err)
	}
	if !maps.Equal(w.secrets, before) {
		t.Errorf("the secret of namespace %s has changed", first.Name)
	}
}

func TestAManagedSecretThatAFailedCreationLeftIsTaken(t *testing.T) {
	w := newWorld(t)
	const left = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:redshift!events-admin"
	w.secrets[left] = "left"
	if c := w.cluster(t, managedCluster()); c.SecretARN != left || w.secrets[left] == "left" {
		t.Errorf("the cluster has the secret %s, which is %q", c.SecretARN, w.secrets[left])
	}
}
